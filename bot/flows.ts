import { mkdir, writeFile } from 'node:fs/promises';
import { checkFlows, drawFlows } from './flowchart.ts';

/** `npm run flows`: checks every flow, draws it into docs/flows.md and prints it. Exit code 1 when one is wrong. */
const wrong = checkFlows();
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join('\n')}\n`);
  process.exit(1);
}
const page = drawFlows();
await mkdir('docs', { recursive: true });
await writeFile('docs/flows.md', page);
process.stdout.write(page);
