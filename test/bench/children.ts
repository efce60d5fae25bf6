import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { removeData } from '../app.ts';

/** What one of the programs beside this one prints as JSON, run for a size in `dataDir`, which is made and removed. */
export async function inProcess<Measured>(program: string, size: number, dataDir: string): Promise<Measured> {
  mkdirSync(dataDir);
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', path, `${size}`, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const measured = (await json(child.stdout)) as Measured;
  removeData(dataDir);
  return measured;
}

/** A table with a column per size. */
export function tableOfSizes(title: string, sizes: number[], rows: [string, string[]][]): string {
  const line = ([name, columns]: [string, string[]]) =>
    name.padEnd(44) + columns.map((column) => column.padStart(12)).join('');
  const head = sizes.map((size) => size.toLocaleString('en-IN'));
  return `${[line([title, head]), ...rows.map(line)].join('\n')}\n`;
}
