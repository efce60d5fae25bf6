import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** What opening a PDF came to. `broken` is also what takes too long, or too much memory, to be opened. */
export type OpenedPdf = { pages: number } | { problem: 'locked' | 'broken' | 'empty' };

/** An honest document opens in a tenth of it. It bounds memory as well: unpacking fills about 100 MB a second. */
const OPEN_LIMIT_MS = 8_000;
const HEAP_MEGABYTES = 256;

const answerSchema = z.union([
  z.object({ pages: z.number().int().positive() }),
  z.object({ problem: z.enum(['locked', 'broken', 'empty']) }),
]);

let before: Promise<unknown> = Promise.resolve();

/** Opens a PDF as a reader's program does, one after the other. Never rejects. */
export function openPdf(bytes: Buffer, limitMs: number = OPEN_LIMIT_MS): Promise<OpenedPdf> {
  const opened = before.then(() => openInThread(bytes, limitMs));
  before = opened;
  return opened;
}

function openInThread(bytes: Buffer, limitMs: number): Promise<OpenedPdf> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./pdfWorker.js', import.meta.url), {
      workerData: new Uint8Array(bytes),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
    });
    const end = (opened: OpenedPdf) => {
      clearTimeout(limit);
      resolve(opened);
      worker.terminate().catch(() => undefined);
    };
    const limit = setTimeout(() => end({ problem: 'broken' }), limitMs);
    worker.once('message', (answer) => {
      end(answerSchema.safeParse(answer).data ?? { problem: 'broken' });
    });
    worker.once('error', () => end({ problem: 'broken' }));
    worker.once('exit', () => end({ problem: 'broken' }));
  });
}
