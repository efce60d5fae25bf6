import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { removeData } from '../app.ts';
import type { CampaignMeasured, SweepMeasured } from './campaignRun.ts';

/** Campaigns of 1,000 and of 10,000 in processes of their own, and the sweep among few and many sleeping runs. */

const SIZES = [1_000, 10_000];
const SLEEPING = [1_000, 100_000];

/** Measures all of it in folders below `folder`; resolves with a table. */
export async function benchCampaigns(folder: string): Promise<string> {
  mkdirSync(folder);
  const campaigns: CampaignMeasured[] = [];
  for (const size of SIZES) campaigns.push(await inProcess<CampaignMeasured>(folder, 'campaign', size));
  const sweeps: SweepMeasured[] = [];
  for (const size of SLEEPING) sweeps.push(await inProcess<SweepMeasured>(folder, 'sweep', size));
  return `${campaignTable(campaigns)}\n${sweepTable(sweeps)}`;
}

async function inProcess<Measured>(folder: string, what: string, size: number): Promise<Measured> {
  const dataDir = join(folder, `${what}-${size}`);
  mkdirSync(dataDir);
  const program = fileURLToPath(new URL('./campaignRun.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', program, what, `${size}`, dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const measured = (await json(child.stdout)) as Measured;
  removeData(dataDir);
  return measured;
}

function campaignTable(measured: CampaignMeasured[]): string {
  return table(
    'a campaign on the sandbox, of',
    measured.map(({ recipients }) => recipients.toLocaleString('en-IN')),
    [
      ['rehearsal, s', measured.map(({ rehearsalMs }) => (rehearsalMs / 1_000).toFixed(2))],
      ['reminders sent/s', measured.map(({ sentPerS }) => sentPerS.toFixed(0))],
      ['lost', measured.map(({ lost }) => `${lost}`)],
      ['doubled', measured.map(({ doubled }) => `${doubled}`)],
      ['memory in use afterwards, MB', measured.map(({ liveMb }) => liveMb.toFixed(0))],
      ['resident at its highest, MB', measured.map(({ peakMb }) => peakMb.toFixed(0))],
    ],
  );
}

function sweepTable(measured: SweepMeasured[]): string {
  return table(
    'the sweep, 100 due, sleeping runs',
    measured.map(({ sleeping }) => sleeping.toLocaleString('en-IN')),
    [
      ['finding what is due, p50 ms', measured.map(({ p50Ms }) => p50Ms.toFixed(1))],
      ['finding what is due, p99 ms', measured.map(({ p99Ms }) => p99Ms.toFixed(1))],
    ],
  );
}

function table(title: string, head: string[], rows: [string, string[]][]): string {
  const line = ([name, columns]: [string, string[]]) =>
    name.padEnd(36) + columns.map((column) => column.padStart(10)).join('');
  return `${[line([title, head]), ...rows.map(line)].join('\n')}\n`;
}
