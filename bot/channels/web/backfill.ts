import { setTimeout as delay } from 'node:timers/promises';
import type { Echo, Handle, Inbound } from '../channel.ts';
import { isPrivate, readMessage, readVote, type WebMessage } from './message.ts';
import { chatsSince } from './page.ts';
import { echoOf, editedOf, inboundOf, partyOf, voteOf } from './parse.ts';
import type { People } from './people.ts';
import type { Session } from './session.ts';

export type BackfillParts = {
  session: Session;
  people: People;
  /** Whether this run sent the message with this stanza id. */
  isOurs: (id: string) => boolean;
  /** For one chat. */
  limitMs: number;
  now: () => Date;
};

/** How far one chat is read back; more than this in one outage is more than a person can answer. */
const MOST_MESSAGES = 3_200;
const TRIES = 2;
const TRY_AGAIN_MS = 1_000;

/**
 * What happened in each private chat since then, a batch per chat, each oldest first: messages, edits, deletions,
 * votes, and what was typed on the phone. Throws when a chat cannot be read.
 */
export async function* backfill(
  parts: BackfillParts,
  since: Date,
): AsyncGenerator<{ messages: Inbound[]; echoes: Echo[] }> {
  const { session, people, limitMs } = parts;
  // Times in chats are whole seconds.
  const sinceSeconds = Math.floor(since.getTime() / 1000);
  const chats = await session.ask(
    'listing the chats',
    async ({ pupPage }) => (pupPage ? chatsSince(pupPage, sinceSeconds) : []),
    limitMs,
  );
  const own = session.ownChat();
  for (const chatId of chats.filter((id) => isPrivate(id) && id !== own)) {
    const found = await again(() => readChat(parts, chatId, sinceSeconds));
    const batch = await batchOf(parts, chatId, found, await people.alsoKnownAs(chatId));
    if (batch.messages.length > 0 || batch.echoes.length > 0) yield batch;
  }
}

async function readChat({ session, limitMs }: BackfillParts, chatId: string, since: number) {
  for (let limit = 50; ; limit *= 4) {
    const messages = await session.ask(
      'reading a chat',
      async (client) => {
        const chat = await client.getChatById(chatId);
        return chat ? chat.fetchMessages({ limit }) : [];
      },
      limitMs,
    );
    const read = messages.flatMap(({ rawData }) => readMessage(rawData) ?? []);
    const isAll = messages.length < limit || read.some(({ t }) => t !== undefined && t < since);
    if (isAll || limit >= MOST_MESSAGES) return read.filter((message) => mayBeNews(message, since));
  }
}

/** Whether something happened to a message since then. When a poll was voted in, it does not say. */
function mayBeNews(message: WebMessage, since: number): boolean {
  const { t = 0, latestEditSenderTimestampMs = 0, revokeTimestamp = 0, type } = message;
  return (
    Math.max(t, latestEditSenderTimestampMs / 1000, revokeTimestamp) >= since || type === 'poll_creation'
  );
}

async function batchOf(parts: BackfillParts, chatId: string, found: WebMessage[], alsoKnownAs: Handle[]) {
  const batch: { messages: Inbound[]; echoes: Echo[] } = { messages: [], echoes: [] };
  const party = partyOf(chatId, alsoKnownAs);
  if (!party) return batch;
  const now = parts.now();
  for (const message of found) {
    if (message.id.fromMe && message.type === 'poll_creation') {
      const votes = await votesIn(parts, message);
      batch.messages.push(...votes.map((vote) => voteOf(vote, party, now)));
    }
    const echo = parts.isOurs(message.id.id) ? undefined : echoOf(message, party, now);
    if (echo) batch.echoes.push(echo);
    const inbound = inboundOf(message, party, now);
    if (inbound) batch.messages.push(inbound);
    const edited = message.latestEditSenderTimestampMs ? editedOf(message, party, now) : undefined;
    if (edited) batch.messages.push(edited);
  }
  batch.messages.sort((one, other) => one.at.getTime() - other.at.getTime());
  batch.echoes.sort((one, other) => one.at.getTime() - other.at.getTime());
  return batch;
}

/** Who voted while nobody listened. A page that cannot tell leaves the poll as it was. */
async function votesIn({ session }: BackfillParts, poll: WebMessage) {
  try {
    const id = poll.id._serialized ?? '';
    const votes = await session.ask('reading votes', (client) => client.getPollVotes(id));
    return votes.flatMap((vote) => readVote({ ...vote, parentMsgKey: poll.id }) ?? []);
  } catch {
    return [];
  }
}

async function again<T>(attempt: () => Promise<T>, left = TRIES - 1): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (left === 0) throw error;
    await delay(TRY_AGAIN_MS);
    return again(attempt, left - 1);
  }
}
