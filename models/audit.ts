import type { Models } from './models.ts';

/** One broken promise: which, and the id of the record that breaks it. */
export type Finding = { rule: string; id: string };

/** A message may be on its way for this long before it counts as forgotten. */
const PATIENCE_MS = 60_000;
const MOST_FINDINGS = 1_000;

/**
 * Invariant 1 over the whole database: every inbound message has exactly one outcome, every case an owner and
 * a deadline, and nothing owed has been left lying. Returns what is broken, at most 1,000 findings.
 */
export async function auditDatabase(models: Models, now: Date): Promise<Finding[]> {
  const late = new Date(now.getTime() - PATIENCE_MS);
  const findings: Finding[] = [];
  const note = (rule: string) => (id: string) => findings.push({ rule, id });
  await inboundWithoutOutcome(models, late, note('message without an outcome'));
  await casesWithoutOwner(models, note('case without a team or a deadline'));
  await outcomesWithoutCase(models, late, note('message handed to a case that does not exist'));
  await overdueConversations(models, late, note('conversation overdue'));
  await stuckSends(models, late, note('send left without an end'));
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

async function stuckSends({ sends }: Models, late: Date, note: Note): Promise<void> {
  const stuck = await sends.model
    .find({ status: { $in: ['sending', 'unknown'] }, startedAt: { $lte: late } }, { _id: 1 })
    .limit(MOST_FINDINGS)
    .lean();
  for (const { _id } of stuck) note(`${_id}`);
}
