import { isDeepStrictEqual } from 'node:util';
import { consentAgainst } from '../../flows/consent/consent.ts';
import { isStanding } from '../../flows/promise.ts';
import type { ConversationState, OpenCase, Purpose, TemplateData } from '../../flows/types.ts';
import type { Spared } from '../../models/recipient.ts';
import type { ReminderSent } from '../../models/send.ts';
import { isWindowOpen, type Line } from '../route.ts';
import type { MatterFacts } from './audience.ts';

/** Why somebody must not be reminded: asked when the audience is frozen, and again when each message goes out. Pure. */

export type Considered = {
  state: ConversationState;
  facts: MatterFacts;
  purpose: Purpose;
  wasReminded: boolean;
  timeZone: string;
  now: Date;
};

/** What the buyer was last told about an open case says what it is about: the gravest first. */
const MATTERS: readonly { told: string; reason: Spared; only?: Purpose }[] = [
  { told: 'wrong_number', reason: 'wrong_number' },
  { told: 'bereavement', reason: 'bereavement' },
  { told: 'data_erasure', reason: 'erasure' },
  { told: 'legal_concern', reason: 'legal' },
  { told: 'payee_check', reason: 'dispute' },
  { told: 'complaint', reason: 'complaint' },
  { told: 'payment_claim', reason: 'said_paid' },
  // A request for time, a promise, a dispute: while nobody has answered it, asking for the money is an insult.
  { told: 'payment_request', reason: 'dispute', only: 'dunning' },
];

/** The reason against it, the gravest of several; undefined when there is none. */
export function reasonAgainst(considered: Considered): Spared | undefined {
  const { state, facts, purpose, wasReminded, timeZone, now } = considered;
  const refusal = consentAgainst(state, purpose, facts.hasConsent);
  if (refusal === 'opted_out') return refusal;
  const matter = openMatter(state, purpose);
  if (matter) return matter;
  if (facts.isGone) return 'gone';
  if (facts.isPaid) return 'paid';
  if (facts.saidPaid) return 'said_paid';
  if (purpose === 'dunning' && state.promise && isStanding(state.promise, now, timeZone)) return 'promised';
  if (state.owner.kind === 'staff' && state.owner.until > now) return 'person';
  if (refusal) return refusal;
  return wasReminded ? 'reminded' : undefined;
}

function openMatter({ cases }: ConversationState, purpose: Purpose): Spared | undefined {
  const told = new Set(cases.flatMap(({ acknowledged }) => acknowledged));
  const found = MATTERS.find((each) => told.has(each.told) && (each.only ?? purpose) === purpose);
  if (found) return found.reason;
  if (cases.some(isLegalMatter)) return 'legal';
  return cases.some(({ pausesReminders }) => pausesReminders) ? 'open_case' : undefined;
}

/** A case that only passes papers on to legal is no matter: the buyer has raised none, and nobody handed one over. */
function isLegalMatter({ team, acknowledged, left = [] }: OpenCase): boolean {
  return team === 'legal' && acknowledged.length + left.length > 0;
}

/**
 * Whether any of these reminders, other than `own`, was about the same matter. What a flow has sent of its own names no
 * matter: it says the same words, or asks for the money of the same unit.
 */
export function isRepetition(
  sent: readonly ReminderSent[],
  matter: { about: string; data: TemplateData; own?: string },
): boolean {
  return sent.some(({ _id, effect }) => {
    if (_id === matter.own) return false;
    if (effect.campaign) return effect.campaign.about === matter.about;
    const isOfUnit = effect.data.unit !== undefined && effect.data.unit === matter.data.unit;
    return isOfUnit || isDeepStrictEqual(effect.data, matter.data);
  });
}

/** Why a buyer cannot be reached by a template now; undefined when they can. */
export function unreachable(
  reach: { channel: string; handles: readonly string[]; state: ConversationState },
  lines: readonly Line[],
  now: Date,
): Spared | undefined {
  const hasAddress = reach.handles.some((handle) => /^(pn|bsuid):./.test(handle));
  const byTemplate = hasAddress && lines.some(({ caps }) => caps.templates);
  const own = lines.find(({ id }) => id === reach.channel);
  if (!own || !reach.handles.some((handle) => handle !== '')) return byTemplate ? undefined : 'no_channel';
  const isClosed = own.caps.window24h && !isWindowOpen(reach.state, now);
  return isClosed && !byTemplate ? 'window_closed' : undefined;
}
