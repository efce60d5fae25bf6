import type { LocalSlack } from '../../inbox/sandbox/localSlack.ts';
import { auditDatabase } from '../../models/audit.ts';
import type { Case } from '../../models/case.ts';
import type { InboundRecord } from '../../models/inbound.ts';
import type { Models } from '../../models/models.ts';
import type { Send } from '../../models/send.ts';
import type { TimelineEntry } from '../../models/timeline.ts';
import type { SentMessage } from '../standins/graph.ts';
import type { Buyer, Matter } from './crowd.ts';

/** What went wrong, each by name; all empty when every promise was kept. */
export type Proof = {
  /** Messages that are not stored, or have no outcome. */
  lost: string[];
  /**
   * Buyers who did not get what their messages ask for, sends that never arrived though no person was asked
   * about them, cases Slack was not told of.
   */
  unanswered: string[];
  /** Sends that arrived twice. */
  doubled: string[];
  /** Cases with more than one card in Slack. */
  doubledCards: string[];
  /** Messages answered before an earlier one of their buyer, and sends that arrived before an earlier one. */
  outOfOrder: string[];
  audit: string[];
};

/** Everything there is to look at once all is quiet. */
export type Evidence = { models: Models; buyers: Buyer[]; sent: readonly SentMessage[]; slack: LocalSlack };

const LONG_MS = 120_000;

/** True when nothing is owed, under way or in doubt any more. */
export async function isQuiet({ inbound, conversations, sends, cases }: Models): Promise<boolean> {
  const open = await Promise.all([
    inbound.model.countDocuments({ pendingSince: { $exists: true } }),
    conversations.model.countDocuments({ $or: ['outbox.0', 'outcomes.0', 'timeline.0'].map(isThere) }),
    sends.model.countDocuments({ status: { $in: ['queued', 'sending', 'unknown'] } }),
    cases.model.countDocuments({ slackOwedAt: { $exists: true } }),
  ]);
  return open.every((count) => count === 0);
}

function isThere(path: string): Record<string, object> {
  return { [path]: { $exists: true } };
}

/** Looks at all of it. */
export async function prove(evidence: Evidence): Promise<Proof> {
  const { models, buyers, sent } = evidence;
  const records = await models.inbound.model.find().lean<InboundRecord[]>();
  const sends = await models.sends.model.find().lean<Send[]>();
  const findings = await auditDatabase(models, new Date(Date.now() + LONG_MS));
  return {
    lost: lostOf(buyers, records),
    unanswered: [
      ...buyers.flatMap((buyer) => missingAnswers(buyer, sent)),
      ...(await neverArrived(evidence, sends)),
      ...(await casesUntold(evidence, records)),
    ],
    doubled: doubledOf(sent),
    doubledCards: await casesWith(evidence, (cards) => cards > 1),
    outOfOrder: [...(await answeredOutOfOrder(models)), ...sentOutOfOrder(sent)],
    audit: findings.map(({ rule, id }) => `${rule}: ${id}`),
  };
}

/** How many sends were in doubt: found to be lost and sent again, or left for a person to look at. */
export async function countInDoubt({ models }: Evidence): Promise<{ sentAgain: number; asked: number }> {
  const [sentAgain, asked] = await Promise.all([
    models.sends.model.countDocuments({ 'deliveries.state': 'unknown' }),
    models.sends.model.countDocuments(ASKED),
  ]);
  return { sentAgain, asked };
}

const ASKED = { status: 'failed', error: 'unknown' } as const;

function nameOf({ _id }: { _id: string }): string {
  return _id;
}

function lostOf(buyers: Buyer[], records: InboundRecord[]): string[] {
  const concluded = new Set(records.filter(({ outcome }) => outcome).map(({ _id }) => _id.split(':').at(-1)));
  return buyers
    .flatMap(({ messages }) => messages.map(({ key }) => key))
    .filter((key) => !concluded.has(key));
}

/** Nobody may be left in doubt alone: what did not arrive was asked of a person, as the timeline says. */
async function neverArrived({ models, sent }: Evidence, sends: Send[]): Promise<string[]> {
  const arrived = new Set(sent.map((each) => each.biz_opaque_callback_data));
  const asked = await models.timeline.model.find({ what: /^in doubt: / }).lean<TimelineEntry[]>();
  const told = new Set(asked.map(({ conversation }) => conversation));
  return sends
    .filter(({ _id }) => !arrived.has(_id))
    .filter(({ conversation, error }) => !(error === ASKED.error && told.has(conversation)))
    .map(nameOf);
}

/** What a buyer must be told when they wrote this; thanks may be met with silence. */
const ANSWERS: Partial<Record<Matter, RegExp>> = {
  brochure: /"type":"document"/,
  price: /before taxes and registration/,
  location: /Map: https/,
  threat: /our legal team.*Ticket L-/,
  gibberish: /Ticket R-/,
};

function missingAnswers({ from, messages }: Buyer, sent: readonly SentMessage[]): string[] {
  const told = sent.filter(({ to }) => to === from).map(({ body }) => JSON.stringify(body));
  const matters = [...new Set(messages.map(({ matter }) => matter))];
  return matters
    .filter((matter) => !told.some((body) => (ANSWERS[matter] ?? /./).test(body)))
    .map((matter) => `${from} ${matter}`);
}

/** Outcomes that name a case which does not exist or has no card, and lines that no thread was told. */
async function casesUntold(evidence: Evidence, records: InboundRecord[]): Promise<string[]> {
  const { cases } = evidence.models;
  const known = new Set((await cases.model.find({}, { _id: 1 }).lean<Case[]>()).map(nameOf));
  const dangling = records.filter(({ outcome }) => outcome?.kind === 'case' && !known.has(outcome.caseId));
  return [...dangling.map(nameOf), ...(await casesWith(evidence, (cards) => cards === 0))];
}

/** Cases whose number of cards in their channel is as told. */
async function casesWith({ models, slack }: Evidence, isSo: (cards: number) => boolean): Promise<string[]> {
  const cases = await models.cases.model.find().lean<Case[]>();
  return cases
    .filter(({ _id, slack: place }) => {
      const shown = place ? slack.messages(place.channel) : [];
      return isSo(shown.filter(({ metadata }) => metadata?.event_payload.id === _id).length);
    })
    .map(nameOf);
}

function doubledOf(sent: readonly SentMessage[]): string[] {
  const seen = new Set<string>();
  return sent.flatMap(({ biz_opaque_callback_data: id = 'nameless' }) => {
    const isDouble = seen.has(id);
    seen.add(id);
    return isDouble ? [id] : [];
  });
}

/** The timeline is written in the order of the decisions; each buyer's messages must be in the order of their time. */
async function answeredOutOfOrder({ timeline }: Models): Promise<string[]> {
  const entries = await timeline.model
    .find({ who: 'buyer', kind: 'message' })
    .hint({ $natural: 1 })
    .lean<TimelineEntry[]>();
  return overtaken(entries, ({ buyer, at, _id }) => ({ of: buyer, rank: at.getTime(), id: _id }));
}

/** The id of a send ends in the revision that owed it and its place there; repetitions do not count. */
function sentOutOfOrder(sent: readonly SentMessage[]): string[] {
  const first = new Map(sent.map((each) => [each.biz_opaque_callback_data, each] as const).reverse());
  const inOrder = sent.filter((each) => first.get(each.biz_opaque_callback_data) === each);
  return overtaken(inOrder, ({ to, biz_opaque_callback_data: id = '' }) => {
    const [revision = 0, place = 0] = id.split(':').slice(-2).map(Number);
    return { of: to, rank: revision * 1_000 + place, id };
  });
}

function overtaken<T>(list: T[], read: (item: T) => { of: string; rank: number; id: string }): string[] {
  const latest = new Map<string, number>();
  return list.map(read).flatMap(({ of, rank, id }) => {
    const isLate = rank < (latest.get(of) ?? 0);
    latest.set(of, Math.max(rank, latest.get(of) ?? 0));
    return isLate ? [id] : [];
  });
}
