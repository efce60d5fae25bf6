import { DateTime } from 'luxon';
import { detailValue, inWords, shortTime } from './blocks.ts';
import type { CaseFacts } from './facts.ts';
import { MATTER, reasonOfLoss, STAGE } from './words.ts';

/** What whoever takes a case up should know first: at most three lines, each made of facts alone. */
export function briefOf(facts: CaseFacts, timeZone: string, now: Date): string[] {
  return [interest(facts, timeZone, now), pending(facts, timeZone), others(facts)].filter(
    (line) => line !== '',
  );
}

/** Where the lead stands, such as `Qualified lead: 3BHK, ₹1,30,00,000`; empty when there is none. */
export function stageText({ lead }: CaseFacts, timeZone: string): string {
  if (!lead) return '';
  const answers = Object.entries(lead.answers).map(([name, value]) => detailValue(name, value, timeZone));
  const { stage, lostReason } = lead;
  const why = stage === 'Lost' && lostReason ? ` (${reasonOfLoss(lostReason)})` : '';
  return [`${STAGE[stage]}${why}`, answers.join(', ')].filter(Boolean).join(': ');
}

function interest(facts: CaseFacts, timeZone: string, now: Date): string {
  const { visit } = facts;
  const stage = stageText(facts, timeZone);
  if (!visit) return stage;
  const when = shortTime(visit.at, timeZone);
  const come = visit.isCancelled
    ? `visit of ${when} cancelled`
    : `visit ${visit.at > now ? 'on' : 'was on'} ${when}`;
  return [stage, come].filter(Boolean).join('; ');
}

function pending({ openQuestions, promise }: CaseFacts, timeZone: string): string {
  const asked = openQuestions.map(inWords).join(', ');
  const day = promise && DateTime.fromISO(promise.date, { zone: timeZone }).toFormat('d MMM');
  return [
    asked && `Not answered yet: ${asked}`,
    promise && `Promised to pay by ${day} (said on ${shortTime(promise.saidAt, timeZone)})`,
  ]
    .filter(Boolean)
    .join('; ');
}

function others({ otherCases }: CaseFacts): string {
  const named = otherCases.map(({ ticket, intent }) => `${ticket} (${MATTER[intent]})`);
  return named.length > 0 ? `Also open: ${named.join(', ')}` : '';
}
