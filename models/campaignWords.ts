import type { Campaign, CampaignAudience, CampaignStatus, RemindCommand } from './campaign.ts';
import { type RecipientStatus, SPARED, type Tally } from './recipient.ts';

/** How campaigns are spoken of to the team, in Slack and on WhatsApp: plain text, nothing for buyers. */

/** `buyers whose payment is overdue by more than 7 days, project greenfield-heights, tower B, at 10:00`. */
export function commandWords({ audience, filters: { project, tower }, at }: RemindCommand): string {
  return [
    audienceWords(audience),
    project && `project ${project}`,
    tower && `tower ${tower}`,
    at && `at ${at}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The numbers of a rehearsal, each exclusion with its reason, in lines. */
export function rehearsalWords({ rehearsal }: Campaign): string[] {
  if (!rehearsal) return ['Still counting.'];
  const { total, waiting, excluded } = rehearsal;
  return [`${waiting} of ${total} will be reminded.`, ...exclusionWords(excluded)];
}

/** One line per reason, the most frequent first. */
export function exclusionWords(excluded: Record<string, number>): string[] {
  return Object.entries(excluded)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${count} left out: ${reasonWords(reason)}`);
}

/** A reason in words; what is no reason of ours is shown as it came. */
export function reasonWords(reason: string): string {
  return Object.hasOwn(SPARED, reason) ? SPARED[reason as keyof typeof SPARED] : reason;
}

/** Where it stands, in one word. */
export function statusWords({ status, endedWhy, pausedBy }: Campaign): string {
  if (status === 'stopped') return endedWhy === 'nobody' ? 'nobody to remind' : (endedWhy ?? 'stopped');
  if (status === 'paused') return `paused by ${pausedBy ?? 'somebody'}`;
  return STATUS[status];
}

/** What came of it so far: `sent` counts what was delivered and read as well. */
export function progressOf(tally: readonly Tally[]): {
  planned: number;
  ended: number;
  counts: Record<'sent' | 'delivered' | 'read' | 'saved' | 'failed' | 'waiting', number>;
} {
  const of = (...statuses: RecipientStatus[]) =>
    tally.reduce((sum, { status, count }) => sum + (statuses.includes(status) ? count : 0), 0);
  const counts = {
    sent: of('sent', 'delivered', 'read'),
    delivered: of('delivered', 'read'),
    read: of('read'),
    saved: of('saved'),
    failed: of('failed'),
    waiting: of('waiting', 'owed'),
  };
  const ended = counts.sent + counts.saved + counts.failed;
  return { planned: ended + counts.waiting, ended, counts };
}

/** `3 spared at the last moment: paid`, `1 failed: recipient 131026`; the most frequent first. */
export function reasonLines(tally: readonly Tally[], most = 12): string[] {
  const told = tally
    .filter(({ status }) => status === 'saved' || status === 'failed')
    .sort((one, other) => other.count - one.count);
  const lines = told.slice(0, most).map(({ status, reason = 'unknown', count }) => {
    const what = status === 'saved' ? 'spared at the last moment' : 'failed';
    return `${count} ${what}: ${reasonWords(reason)}`;
  });
  return told.length > most ? [...lines, `and ${told.length - most} further reasons`] : lines;
}

const STATUS: Record<CampaignStatus, string> = {
  rehearsed: 'waits for confirmation',
  confirmed: 'begins',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped',
  done: 'done',
};

function audienceWords(audience: CampaignAudience): string {
  switch (audience.kind) {
    case 'overdue':
      return audience.moreThanDays === 0
        ? 'buyers with an overdue payment'
        : `buyers whose payment is overdue by more than ${days(audience.moreThanDays)}`;
    case 'due':
      return `buyers whose payment is due within ${days(audience.withinDays)}`;
    case 'kycMissing':
      return 'buyers whose KYC papers are missing';
    case 'visits':
      return `buyers with a visit ${audience.day}`;
  }
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
