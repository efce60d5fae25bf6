import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Cases } from '../../models/case.ts';
import type { Replies, Reply, ReplyState } from '../../models/reply.ts';
import type { TeamWords } from './listening.ts';
import { type Mark, mark, unmark } from './marks.ts';
import { findInThread, type Place, readFailure } from './posts.ts';

/** Shows on every reply what became of it: waiting, sent, read, failed. */

export type ReplyStateParts = {
  client: WebClient;
  replies: Replies;
  cases: Cases;
  words: Pick<TeamWords, 'stateOf'>;
  now: () => Date;
  log: Logger;
};

const MARKS: Record<ReplyState, Mark[]> = {
  owed: ['hourglass_flowing_sand'],
  sent: ['white_check_mark'],
  // The tick says enough: a mark of its own would be one more call for every reply.
  delivered: ['white_check_mark'],
  read: ['white_check_mark', 'eyes'],
  failed: ['x'],
  inDoubt: ['grey_question'],
  cancelled: ['x'],
};
/** What a message of several parts shows: the first of these that any of them is in. */
const WORST_FIRST: ReplyState[] = ['failed', 'inDoubt', 'owed', 'sent', 'delivered', 'read', 'cancelled'];
const LINE_COMES_MS = 120_000;
const LOOK_AGAIN_MS = 5_000;
/** Nothing further becomes of these. What failed may be said again, and what is in doubt may be reported. */
const OVER: ReadonlySet<ReplyState> = new Set(['read', 'cancelled']);

export class ReplyStates {
  private readonly parts: ReplyStateParts;

  constructor(parts: ReplyStateParts) {
    this.parts = parts;
  }

  /** Brings the marks of a reply up to what is known of it. A failure is kept and tried again. */
  async tell(id: string): Promise<void> {
    const { replies, now, log } = this.parts;
    const reply = await replies.byId(id);
    if (!reply?.tellAt || reply.tellAt > now()) return;
    try {
      await this.show(reply);
    } catch (error) {
      const { code, retryAfterMs } = readFailure(error);
      log.warn({ reply: id, code, retryAfterMs }, 'Slack was not told what became of a reply');
      await replies.owe(id, new Date(now().getTime() + retryAfterMs));
    }
  }

  private async show(reply: Reply): Promise<void> {
    const { replies, words, now } = this.parts;
    const place = reply.place ?? (await this.find(reply));
    const whole = place ? await replies.at(place) : [];
    const parts = whole.some(({ _id }) => _id === reply._id) ? whole : [reply];
    const states = await Promise.all(parts.map((each) => words.stateOf(each)));
    const own = states[parts.findIndex(({ _id }) => _id === reply._id)] ?? 'owed';
    const shown = WORST_FIRST.find((state) => states.includes(state)) ?? 'owed';
    const before = [...new Set(parts.flatMap(({ marks }) => marks))] as Mark[];
    // Its line is posted in its turn.
    if (!place && now().getTime() - reply.takenAt.getTime() < LINE_COMES_MS)
      return replies.owe(reply._id, new Date(now().getTime() + LOOK_AGAIN_MS));
    if (place) await this.change(place, before, MARKS[shown]);
    await replies.told(reply._id, place ? MARKS[shown] : [], reply.tellAt, OVER.has(own));
  }

  private async change(place: Place, before: Mark[], wanted: Mark[]): Promise<void> {
    const { client } = this.parts;
    for (const name of wanted) if (!before.includes(name)) await mark(client, place, name);
    for (const name of before) if (!wanted.includes(name)) await unmark(client, place, name);
  }

  /** Approved copy that a person sent has a line of ours in the thread, once that is posted. */
  private async find({ _id, caseId }: Reply): Promise<Place | undefined> {
    const { client, cases, replies } = this.parts;
    const thread = (await cases.byId(caseId))?.slack;
    const ts = thread && (await findInThread(client, thread, lineOf(_id)));
    if (!thread || !ts) return undefined;
    const place = { channel: thread.channel, ts };
    await replies.placed(_id, place);
    return place;
  }
}

/** The id of the line that shows what a person sent without writing it in the thread. */
export function lineOf(reply: string): string {
  return `${reply}:line`;
}
