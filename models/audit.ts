import type { Models } from './models.ts';
import { auditMoney } from './moneyAudit.ts';

/** One broken promise: which, and the id of the record that breaks it. */
export type Finding = { rule: string; id: string };

/** A message may be on its way for this long before it counts as forgotten. */
const PATIENCE_MS = 60_000;
/** A file that a channel does not hand over for this long needs somebody's attention. */
const MEDIA_PATIENCE_MS = 24 * 60 * 60_000;
/** Slack may be away for a while. */
const NOTICE_PATIENCE_MS = 60 * 60_000;
const MOST_FINDINGS = 1_000;

/**
 * Invariant 1 over the whole database: every inbound message has exactly one outcome, every case an owner and
 * a deadline, and nothing owed has been left lying; and that the books are right. Returns what is broken, at most 1,000 findings.
 */
export async function auditDatabase(models: Models, now: Date): Promise<Finding[]> {
  const late = new Date(now.getTime() - PATIENCE_MS);
  const findings: Finding[] = [];
  const note = (rule: string) => (id: string) => findings.push({ rule, id });
  await inboundWithoutOutcome(models, late, note('message without an outcome'));
  await casesWithoutOwner(models, note('case without a team or a deadline'));
  await casesAstray(models, note('case that is neither open, snoozed nor resolved'));
  await casesOverslept(models, late, note('snoozed case was not woken at its time'));
  await outcomesWithoutCase(models, late, note('message handed to a case that does not exist'));
  await overdueConversations(models, late, note('conversation overdue'));
  await stuckSends(models, late, note('send left without an end'));
  await mediaOwed(models, new Date(now.getTime() - MEDIA_PATIENCE_MS), note('file owed for more than a day'));
  await mediaWithoutFile(models, note('stored file is missing'));
  await papersInTheClear(models, late, note('identity paper is not in the vault'));
  await mergesUndone(models, late, note('merge left undone'));
  await conversationsOfMerged(models, late, note('conversation goes on under a buyer who was merged'));
  await outagesWhileReady(models, note('outage without an end although its transport is ready'));
  const overdue = new Date(now.getTime() - NOTICE_PATIENCE_MS);
  await noticesOwed(models, overdue, note('notice owed for more than an hour'));
  findings.push(...(await auditMoney(models, late)));
  return findings.slice(0, MOST_FINDINGS);
}

/** How many messages have been waiting for an outcome since before `before`. */
export async function countWaiting(models: Models, before: Date): Promise<number> {
  return models.inbound.model.countDocuments({ pendingSince: { $exists: true, $lte: before } });
}

type Note = (id: string) => void;

async function inboundWithoutOutcome({ inbound }: Models, late: Date, note: Note): Promise<void> {
  const broken = inbound.model
    .find({ outcome: { $exists: false }, receivedAt: { $lte: late } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean()
    .cursor();
  for await (const { _id } of broken) note(`${_id}`);
}

async function casesWithoutOwner({ cases }: Models, note: Note): Promise<void> {
  const broken = await cases.model
    .find({ $or: [{ team: { $exists: false } }, { dueAt: { $exists: false } }] }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of broken) note(`${_id}`);
}

async function casesAstray({ cases }: Models, note: Note): Promise<void> {
  const broken = await cases.model
    .find({ status: { $nin: ['open', 'snoozed', 'resolved'] } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of broken) note(`${_id}`);
}

async function casesOverslept({ cases }: Models, late: Date, note: Note): Promise<void> {
  const asleep = await cases.model
    .find({ status: 'snoozed', snoozedUntil: { $exists: true, $lte: late } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of asleep) note(`${_id}`);
}

async function outcomesWithoutCase({ inbound, cases }: Models, late: Date, note: Note): Promise<void> {
  const known = new Set<string>();
  for await (const { _id } of cases.model.find({}, { _id: 1 }).lean().cursor()) known.add(`${_id}`);
  const handed = inbound.model
    .find({ 'outcome.kind': 'case', receivedAt: { $lte: late } }, { outcome: 1 })
    .lean()
    .cursor();
  for await (const { _id, outcome } of handed) {
    if (outcome?.kind === 'case' && !known.has(outcome.caseId)) note(`${_id}`);
  }
}

async function overdueConversations({ conversations }: Models, late: Date, note: Note): Promise<void> {
  for (const id of await conversations.due(late, MOST_FINDINGS)) note(id);
}

/** One in doubt may wait as long as its transport is away, but never without a conversation that owes it. */
async function stuckSends({ sends, conversations }: Models, late: Date, note: Note): Promise<void> {
  const open = await sends.model
    .find({ status: { $in: ['sending', 'unknown'] }, startedAt: { $lte: late } }, { conversation: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id, conversation } of open) {
    if (!(await conversations.model.exists({ _id: conversation, 'outbox.id': `${_id}` }))) note(`${_id}`);
  }
}

async function mediaOwed({ media }: Models, late: Date, note: Note): Promise<void> {
  const owed = await media.model
    .find({ status: 'owed', receivedAt: { $lte: late } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of owed) note(`${_id}`);
}

/** The records first: a file that is stored meanwhile must not look as if it were missing. */
async function mediaWithoutFile({ media, files }: Models, note: Note): Promise<void> {
  const users = new Map<string, string[]>();
  const stored = media.model
    .find({ status: 'stored', vaulted: { $exists: false } }, { fileId: 1 })
    .lean()
    .cursor();
  for await (const { _id, fileId = '' } of stored)
    users.set(fileId, [...(users.get(fileId) ?? []), `${_id}`]);
  for await (const { _id } of files.model.find({}, { _id: 1 }).lean().cursor()) users.delete(`${_id}`);
  for (const id of [...users.values()].flat()) note(id);
}

async function papersInTheClear({ media }: Models, late: Date, note: Note): Promise<void> {
  const isOwed = { vault: { $exists: true }, vaulted: { $exists: false } };
  const left = await media.model
    .find({ status: 'stored', receivedAt: { $lte: late }, ...isOwed }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of left) note(`${_id}`);
}

async function mergesUndone({ buyers }: Models, late: Date, note: Note): Promise<void> {
  for (const { _id } of await buyers.mergesOwed(late, MOST_FINDINGS)) note(_id);
}

async function conversationsOfMerged(
  { buyers, conversations }: Models,
  late: Date,
  note: Note,
): Promise<void> {
  const isMoved = {
    $or: [
      { mergeOwedAt: { $exists: false } },
      { mergeOwedAt: { $lte: late } },
      { movedAt: { $exists: true } },
    ],
  };
  const merged = buyers.model
    .find({ mergedInto: { $exists: true }, ...isMoved }, { _id: 1 })
    .lean()
    .cursor();
  for await (const { _id } of merged) {
    const active = await conversations.model
      .find({ buyer: `${_id}`, movedTo: { $exists: false } }, { _id: 1 })
      .lean();
    for (const conversation of active) note(`${conversation._id}`);
  }
}

/** While it lasts nobody sees the transport ready; a moment may pass between two processes. */
async function outagesWhileReady({ outages, channelStates }: Models, note: Note): Promise<void> {
  const open = await outages.model.find({ isOpen: { $exists: true } }, { channel: 1, from: 1 }).lean();
  for (const { _id, channel, from } of open) {
    const state = await channelStates.of(channel);
    if (state && state.lastReadyAt.getTime() > from.getTime() + PATIENCE_MS) note(`${_id}`);
  }
}

async function noticesOwed({ notices }: Models, late: Date, note: Note): Promise<void> {
  const owed = await notices.model
    .find({ slackOwedAt: { $exists: true }, at: { $lte: late } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of owed) note(`${_id}`);
}
