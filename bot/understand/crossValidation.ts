import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Judged } from './calibration.ts';
import type { Lessons } from './training.ts';

const PROCESS = fileURLToPath(new URL('./crossValidationProcess.ts', import.meta.url));

/** What `crossValidate` says, found in a process of its own: it takes twice as long as the training beside it. */
export function crossValidateAside(lessons: Lessons): Promise<Judged[]> {
  const child = fork(PROCESS, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  child.send(lessons);
  return new Promise((resolve, reject) => {
    child.once('message', (judged) => resolve(judged as Judged[]));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the cross-validation ended with code ${code}`)));
  });
}
