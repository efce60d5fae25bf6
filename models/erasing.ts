import type { Media } from './media.ts';
import type { Models } from './models.ts';
import type { SendStatus } from './send.ts';
import type { TimelineEntry } from './timeline.ts';

/** What is left in the place of words that were erased. */
const ERASED = '[erased]';

/** Of these the words are somebody's own. */
const SPOKEN: TimelineEntry['kind'][] = ['message', 'note', 'call'];
/** Decisions and deliveries that quote what somebody said begin so; the last of them a note to the outcome of a case. */
const QUOTING =
  /^(?:a message was changed|in doubt|Voice note|Not delivered|not delivered|The buyer's|case resolved)/;
/** Why something was done, in somebody's own words, or naming who it was. */
const EXPLAINED: TimelineEntry['kind'][] = ['note', 'call', 'case'];
const NAMING = /^one person, two handles/;
/** Sends that nothing can happen to any more. */
const SETTLED: SendStatus[] = ['accepted', 'sent', 'failed', 'delivered', 'read', 'played'];

/** Whose words, in which conversations, and up to when. */
export type Erasing = { buyer: string; conversations: string[]; until: Date };

/**
 * Erases what a buyer and people said to one another, and what was noted of it, wherever it is kept: the records stay,
 * as proof of what happened, without their words. Repeating it does no harm. False while something of it is under way
 * and has to be looked for once more.
 */
export async function eraseWords(models: Models, erasing: Erasing): Promise<boolean> {
  const { inbound, timeline, satisfactions } = models;
  const { buyer, until } = erasing;
  await inbound.model.collection.updateMany(
    { buyer, at: { $lte: until }, pendingSince: { $exists: false } },
    { $set: { content: { kind: 'unsupported', reason: 'erased' }, raw: ERASED }, $unset: { edits: '' } },
  );
  // How they were served is counted on; what they said of it in their own words is not kept.
  await satisfactions.model.updateMany({ buyer, at: { $lte: until } }, { $unset: { words: '' } });
  await eraseSends(models, erasing);
  await eraseCases(models, erasing);
  await timeline.model.updateMany(
    { buyer, at: { $lte: until }, kind: { $in: SPOKEN } },
    { $set: { what: ERASED } },
  );
  await timeline.model.updateMany({ buyer, at: { $lte: until }, what: QUOTING }, { $set: { what: ERASED } });
  // What became of a file names it as its sender did.
  await timeline.model.updateMany({ buyer, at: { $lte: until }, _id: /^media:/ }, { $set: { what: ERASED } });
  const explained = { why: { $exists: true }, $or: [{ kind: { $in: EXPLAINED } }, { what: NAMING }] };
  await timeline.model.updateMany({ buyer, at: { $lte: until }, ...explained }, { $set: { why: ERASED } });
  return isSettled(models, erasing);
}

/**
 * Erases the files of a buyer's messages. Papers that are in the vault are not here. Repeating it does no harm: a file
 * that a crash leaves without its record is found by `MediaRecords.tidy`.
 */
export async function eraseFiles({ media }: Models, { buyer, until }: Erasing): Promise<void> {
  const stored = await media.model
    .find({ buyer, receivedAt: { $lte: until }, status: 'stored', vaulted: { $exists: false } })
    .lean<Media[]>();
  for (const { _id, fileId } of stored) {
    await media.model.updateOne(
      { _id },
      {
        $set: { status: 'gone', reason: 'erased', untidySince: until },
        $unset: {
          fileId: '',
          sha256: '',
          safeName: '',
          fileName: '',
          transcript: '',
          showAt: '',
          nextAt: '',
        },
        ...(fileId && { $addToSet: { uploads: fileId } }),
      },
    );
    if (fileId) await media.discard(fileId);
  }
}

/** Erases a buyer's interest in what is on sale, and what campaigns know of them. Idempotent. */
export async function eraseInterest(models: Models, { buyer, until }: Erasing): Promise<void> {
  const { leads, visits, recipients, campaigns } = models;
  // Whoever comes back afterwards is somebody new.
  for (const { _id } of await leads.ofBuyer(buyer))
    await leads.model.deleteOne({ _id, createdAt: { $lte: until } });
  await visits.model.deleteMany({ buyer, bookedAt: { $lte: until } });
  const reminded = await recipients.model.find({ buyer }, { campaign: 1 }).lean<{ campaign: string }[]>();
  await recipients.model.updateMany({ buyer }, { $set: { name: '', data: {} } });
  const ids = [...new Set(reminded.map(({ campaign }) => campaign))];
  await campaigns.model.updateMany(
    { _id: { $in: ids }, rehearsal: { $exists: true } },
    { $set: { 'rehearsal.samples': [] } },
  );
}

async function eraseSends({ sends }: Models, { conversations, until }: Erasing): Promise<void> {
  const erase = async (kinds: string[], words: object) => {
    await sends.model.collection.updateMany(
      {
        conversation: { $in: conversations },
        startedAt: { $lte: until },
        status: { $in: SETTLED },
        'effect.kind': { $in: kinds },
      },
      { $set: { to: ERASED, ...words }, $unset: { choices: '' } },
    );
  };
  await erase(['sendTemplate', 'sendDocument'], { 'effect.data': {} });
  await erase(['sendText'], { 'effect.text': ERASED });
  await erase(['sendFile'], { 'effect.caption': '', 'effect.name': ERASED });
}

async function eraseCases({ cases, corrections, replies }: Models, { buyer, until }: Erasing): Promise<void> {
  const mine = { buyer, openedAt: { $lte: until } };
  const ids = (await cases.model.find(mine, { _id: 1 }).lean<{ _id: string }[]>()).map(({ _id }) => _id);
  for (const _id of ids) {
    await cases.model.updateOne(
      { _id, quotes: { $ne: [ERASED] } },
      {
        $set: { quotes: [ERASED], details: {}, buyerName: '', slackOwedAt: until },
        $unset: { outcomeNote: '', 'reopened.words': '' },
        $inc: { cardRevision: 1 },
      },
    );
    await cases.model.updateOne({ _id, former: { $exists: true } }, { $set: { 'former.$[].note': ERASED } });
    // `0` follows `/`: what people said of this case.
    await corrections.model.deleteMany({ _id: { $gte: `${_id}/`, $lt: `${_id}0` } });
  }
  await replies.model.updateMany(
    { caseId: { $in: ids }, isOpen: { $exists: false } },
    { $unset: { effect: '', file: '', caption: '' } },
  );
}

/** Nothing is owed, unanswered or on its way that could still write words down. */
async function isSettled(
  { conversations, inbound, sends, cases }: Models,
  { buyer, conversations: ids, until }: Erasing,
): Promise<boolean> {
  for (const id of ids) {
    const current = await conversations.fresh(id);
    if (current && current.outbox.length + current.timeline.length + current.outcomes.length > 0)
      return false;
  }
  const pending = await inbound.model.exists({
    buyer,
    at: { $lte: until },
    pendingSince: { $exists: true },
  });
  const onItsWay = await sends.model.exists({
    conversation: { $in: ids },
    startedAt: { $lte: until },
    status: { $nin: SETTLED },
  });
  const untold = await cases.model.exists({ buyer, openedAt: { $lte: until }, 'posts.0': { $exists: true } });
  return pending === null && onItsWay === null && untold === null;
}
