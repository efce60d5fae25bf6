import { dayOf } from '../flows/money/day.ts';
import type { ConversationState } from '../flows/types.ts';
import { visitToLog } from '../flows/visit/outcome.ts';
import type { CaseFacts, PaperShown, UnitFacts } from '../inbox/slack/facts.ts';
import type { Case } from '../models/case.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Models } from '../models/models.ts';
import type { Payment } from '../models/payment.ts';
import { doorOf } from '../models/unit.ts';
import type { Folders } from './documents/folders.ts';
import { personOf } from './outgoing.ts';

/** What is known about a case besides its record: a few reads by index, each time its card is made. */

const ENTRIES = 20;
const SENDS = 10;

export type CaseFactsParts = {
  models: Pick<
    Models,
    'buyers' | 'cases' | 'conversations' | 'demands' | 'leads' | 'payments' | 'sends' | 'timeline' | 'visits'
  >;
  folders: Pick<Folders, 'shown'>;
  /** Where staff may look at a document. */
  linkOf: (document: string) => string;
  /** The name of a project that is or was on sale. */
  projectName: (slug: string) => Promise<string>;
  timeZone: string;
  now: () => Date;
};

/** Gathers the facts of a case. */
export async function factsOfCase(parts: CaseFactsParts, found: Case): Promise<CaseFacts> {
  const { models, now } = parts;
  const [conversation, buyer, lead, units, papers, visit, entries, others] = await Promise.all([
    models.conversations.fresh(found.conversation),
    models.buyers.byId(found.buyer),
    leadOf(parts, found.buyer),
    unitsOf(parts, found.buyer),
    papersOf(parts, found),
    models.visits.nextOrLastOf(found.buyer, now()),
    models.timeline.latest(found.buyer, ENTRIES),
    models.cases.openOf(found.buyer),
  ]);
  const said = entries.findLast(({ who, kind }) => who === 'bot' && kind === 'message');
  const lastReply = await replyOf(parts, found, conversation);
  const word = conversation && wordOf(conversation.state, now());
  const toLog = found.team === 'sales' ? await visitToLogOf(parts, conversation) : undefined;
  return {
    openQuestions: (conversation?.state.runs ?? []).flatMap(({ question }) => question?.name ?? []),
    otherCases: others
      .filter(({ _id }) => _id !== found._id)
      .map(({ ticket, team, intent }) => ({ ticket, team, intent })),
    ...(lead && { lead }),
    ...(buyer?.tags?.length && { tags: buyer.tags }),
    ...(units.length > 0 && { units }),
    ...(papers.length > 0 && { papers }),
    ...(visit && { visit: { at: visit.at, isCancelled: visit.status === 'cancelled' } }),
    ...(toLog && { visitToLog: toLog }),
    ...(said && { lastSaid: { words: said.what, at: said.at } }),
    ...(lastReply && { lastReply }),
    ...(conversation?.state.promise && { promise: conversation.state.promise }),
    ...consentOf(conversation?.state),
    ...(word && { word }),
  };
}

/** That somebody wrote is on the card anyway: shown is what goes beyond it. */
function consentOf(state: ConversationState | undefined): Pick<CaseFacts, 'consent'> {
  const { consent, optedOutAt, promotionsOffAt } = state ?? {};
  const isPlain =
    !consent?.promotion && (consent?.service?.source ?? 'inbound_message') === 'inbound_message';
  if (isPlain && !optedOutAt && !promotionsOffAt) return {};
  return {
    consent: {
      ...(consent && { consent }),
      ...(optedOutAt && { optedOutAt }),
      ...(promotionsOffAt && { promotionsOffAt }),
    },
  };
}

async function leadOf({ models, projectName }: CaseFactsParts, buyer: string): Promise<CaseFacts['lead']> {
  const lead = await models.leads.latestOf(buyer);
  if (!lead) return undefined;
  const { project, stage, answers, lostReason } = lead;
  return { project: await projectName(project), stage, answers, ...(lostReason && { lostReason }) };
}

async function unitsOf({ models, timeZone, now }: CaseFactsParts, buyer: string): Promise<UnitFacts[]> {
  const dues = await models.demands.duesOfBuyer(buyer, dayOf(now(), timeZone));
  const claims =
    dues.length > 0 ? await models.payments.claimedOf(dues.map(({ booking }) => booking._id)) : [];
  return dues.map(({ booking, dues: { overduePaise, duePaise, next, interest } }) => ({
    unit: doorOf(booking.unit),
    overduePaise,
    duePaise,
    ...(next && {
      next: { milestone: next.milestone, dueOn: next.dueOn, outstandingPaise: next.outstandingPaise },
    }),
    ...(interest.kind === 'known' && interest.paise > 0 && { interestPaise: interest.paise }),
    ...claimsOf(claims.filter((claim) => claim.booking === booking._id)),
  }));
}

/** Operations look at papers, and legal goes on with the set once it is complete. */
async function papersOf({ folders, linkOf }: CaseFactsParts, found: Case): Promise<PaperShown[]> {
  const { buyer, team, reason } = found;
  const isHandedOver = team === 'legal' && reason === 'kyc_complete';
  if (team !== 'operations' && !isHandedOver) return [];
  const state = isHandedOver ? 'accepted' : 'waiting';
  return (await folders.shown(buyer, state)).map(({ warnings, ...paper }) => ({
    ...paper,
    state,
    isMisnamed: warnings.includes('mismatch'),
    link: linkOf(paper.document),
  }));
}

function claimsOf(claims: Payment[]): Pick<UnitFacts, 'claims'> {
  if (claims.length === 0) return {};
  return {
    claims: claims.map(({ amountPaise, utr }) => ({ amountPaise, ...(utr && { reference: utr }) })),
  };
}

/** The last reply under this case: still owed, or as far as the ledger knows it to have come. */
async function replyOf(
  { models }: CaseFactsParts,
  { _id: caseId }: Case,
  conversation: Conversation | undefined,
): Promise<CaseFacts['lastReply']> {
  if (!conversation) return undefined;
  const sends = await models.sends.latestOf(conversation._id, SENDS);
  const owed = conversation.outbox.findLast(({ effect }) => isReplyUnder(effect, caseId));
  const send = sends.find(({ _id, effect }) => (owed ? _id === owed.id : isReplyUnder(effect, caseId)));
  if (!send) {
    const by = owed && isReplyUnder(owed.effect, caseId);
    return by ? { by: by.name, status: 'waiting', at: owed.owedAt } : undefined;
  }
  const { status, startedAt, error } = send;
  const by = personOf(send.effect)?.name ?? '';
  return { by, status, at: startedAt, ...(error !== undefined && { error }) };
}

/** The person who said this under the case; undefined when it is anything else. */
function isReplyUnder(effect: Conversation['outbox'][number]['effect'], caseId: string) {
  return 'staff' in effect && 'caseId' in effect && effect.kind.startsWith('send') && effect.caseId === caseId
    ? effect.staff
    : undefined;
}

/** The oldest visit that waits for its outcome. */
async function visitToLogOf(
  { models, projectName }: CaseFactsParts,
  conversation: Conversation | undefined,
): Promise<CaseFacts['visitToLog']> {
  const waiting = (conversation?.state.runs ?? []).flatMap((run) => visitToLog(run) ?? [])[0];
  const visit = waiting && (await models.visits.byId(waiting));
  if (!visit) return undefined;
  const { _id, project, at, associate } = visit;
  return {
    visit: _id,
    project: await projectName(project),
    at,
    ...(associate && { associate: associate.name }),
  };
}

function wordOf({ owner }: ConversationState, now: Date): CaseFacts['word'] {
  return owner.kind === 'staff' && owner.until > now ? { name: owner.name, until: owner.until } : undefined;
}
