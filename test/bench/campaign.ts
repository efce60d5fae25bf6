import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeData } from '../app.ts';
import { type KillMeasured, measureKill } from './campaignKill.ts';
import type { CampaignMeasured } from './campaignRun.ts';
import { inProcess, tableOfSizes } from './children.ts';

/**
 * Campaigns of 1,000 and of 10,000, each in a process of its own that has run one of 1,000 before, so that both begin
 * warm; then one of 10,000 whose app is killed in the middle.
 */

const SIZES = [1_000, 10_000];
const FLAT_WITHIN_PERCENT = 20;

/** Measures all of it in folders below `folder`; resolves with a table. */
export async function benchCampaigns(folder: string): Promise<string> {
  mkdirSync(folder);
  const measured: CampaignMeasured[] = [];
  for (const size of SIZES)
    measured.push(await inProcess<CampaignMeasured>('./campaignRun.ts', size, join(folder, `of-${size}`)));
  const killDir = join(folder, 'killed');
  const killed = await measureKill(SIZES.at(-1) ?? 0, killDir);
  removeData(killDir);
  return `${campaignTable(measured)}${growthLine(measured)}\n${killLine(killed)}\n`;
}

function campaignTable(measured: CampaignMeasured[]): string {
  return tableOfSizes('a campaign on the sandbox, of', SIZES, [
    ['rehearsal, s', measured.map(({ rehearsalMs }) => (rehearsalMs / 1_000).toFixed(2))],
    ['reminders sent/s', measured.map(({ sentPerS }) => sentPerS.toFixed(0))],
    ['lost', measured.map(({ lost }) => `${lost}`)],
    ['doubled', measured.map(({ doubled }) => `${doubled}`)],
    ['resident at its highest, MB', measured.map(({ peakMb }) => peakMb.toFixed(0))],
    ['in use afterwards, MB', measured.map(({ liveMb }) => liveMb.toFixed(0))],
  ]);
}

function growthLine(measured: CampaignMeasured[]): string {
  const [small, large] = measured;
  if (!small || !large) return '';
  const percent = (large.peakMb / small.peakMb - 1) * 100;
  const verdict = percent <= FLAT_WITHIN_PERCENT ? 'flat' : 'NOT flat';
  return `memory from ${small.recipients} to ${large.recipients}: ${percent.toFixed(0)} % (${verdict} within ${FLAT_WITHIN_PERCENT} %)`;
}

function killLine({ recipients, before, lost, doubled, resumedMs }: KillMeasured): string {
  return `kill -9 after ${before} of ${recipients}: ${lost} lost, ${doubled} doubled; went on ${(resumedMs / 1_000).toFixed(1)} s after the next start`;
}
