import { createHash } from 'node:crypto';
import type { Echo, Handle, Inbound, OutboundContent } from '../channel.ts';
import { captionOf, contentOf } from './content.ts';
import {
  handleOfChat,
  isPrivate,
  timeOf,
  type WebCall,
  type WebMessage,
  type WebReaction,
  type WebVote,
} from './message.ts';

/**
 * The library's messages and events into our words, pure. Keys are stanza ids, as provider ids are; what happens to a
 * message has a key made of that message's, the same whether it is seen live or found in the history.
 */

/** Who is on the other side of a chat. */
export type Party = { from: Handle; alsoKnownAs: Handle[] };

/** A message of a buyer; undefined when nobody wrote it, or we did. A deleted one becomes its deletion. */
export function inboundOf(message: WebMessage, party: Party, now: Date): Inbound | undefined {
  if (message.type === 'revoked') return revokedOf(message, party, timeOf(message, now));
  const content = contentOf(message);
  if (!content || message.id.fromMe) return undefined;
  return {
    // Decrypted later, it comes again, as a message of its own.
    key: message.type === 'ciphertext' ? `${message.id.id}:unreadable` : message.id.id,
    ...party,
    ...(message.notifyName && { profileName: message.notifyName }),
    at: timeOf(message, now),
    content,
    ...(message.quotedStanzaID && { quoted: message.quotedStanzaID }),
    raw: message.raw,
  };
}

/** A message that somebody sent from our number; undefined when it is none that a person wrote. */
export function echoOf(message: WebMessage, party: Party, now: Date): Echo | undefined {
  const content = message.type === 'revoked' || message.ack === -1 ? undefined : contentOf(message);
  if (!content || content.kind === 'unsupported' || !message.id.fromMe) return undefined;
  const { from: to, alsoKnownAs } = party;
  return { key: message.id.id, to, alsoKnownAs, at: timeOf(message, now), content };
}

/** The buyer changed what they wrote; undefined when we did, or nothing was edited. */
export function editedOf(message: WebMessage, party: Party, now: Date): Inbound | undefined {
  const { id, latestEditSenderTimestampMs: editedAtMs } = message;
  if (id.fromMe || message.type === 'revoked') return undefined;
  const words = message.type === 'chat' ? (message.body ?? '') : captionOf(message);
  // Two edits to the same words would be one without their times.
  const version = editedAtMs ?? createHash('sha256').update(words).digest('hex').slice(0, 16);
  const at = editedAtMs ? new Date(editedAtMs) : now;
  const content = { kind: 'edited', to: id.id, text: words } as const;
  return { key: `${id.id}:edit:${version}`, ...party, at, content, raw: message.raw };
}

/** The buyer deleted a message for everyone; undefined when we did. It has taken the id of its deletion. */
export function revokedOf(message: WebMessage, party: Party, at: Date): Inbound | undefined {
  const original = message.protocolMessageKey ?? message.id;
  if (original.fromMe) return undefined;
  const revokedAt = message.revokeTimestamp ? new Date(message.revokeTimestamp * 1000) : at;
  const content = { kind: 'revoked', to: original.id } as const;
  return { key: `${original.id}:revoked`, ...party, at: revokedAt, content, raw: message.raw };
}

/** Whether the library's `message_edit` is one: it tells of every change of a body, a new preview's as well. */
export function isEdit(message: WebMessage, newBody: unknown, previousBody: unknown): boolean {
  const words = message.type === 'chat' ? message.body : message.caption;
  if (newBody !== words) return false;
  return (
    message.latestEditSenderTimestampMs !== undefined ||
    (previousBody !== '' && typeof previousBody === 'string')
  );
}

export function reactionOf(reaction: WebReaction, party: Party, now: Date): Inbound | undefined {
  const { id, msgId, timestamp } = reaction;
  if (id.fromMe || !isPrivate(msgId.remote)) return undefined;
  const at = timestamp ? new Date(timestamp * 1000) : now;
  const content = { kind: 'reaction', to: msgId.id, emoji: reaction.reaction || null } as const;
  return { key: `${id.id}:reaction:${timestamp ?? 0}`, ...party, at, content, raw: reaction };
}

/** All that is ticked now in a poll of ours. */
export function voteOf(vote: WebVote, party: Party, now: Date): Inbound {
  const { id: poll } = vote.parentMsgKey;
  const titles = vote.selectedOptions.flatMap(({ name }) => name ?? []);
  const at = vote.interractedAtTs ? new Date(vote.interractedAtTs) : now;
  const version = vote.interractedAtTs ?? titles.join('|');
  const content =
    titles.length === vote.selectedOptions.length
      ? ({ kind: 'vote', to: poll, titles } as const)
      : ({ kind: 'unsupported', reason: 'a vote in a poll that cannot be read any more' } as const);
  return { key: `${poll}:vote:${version}`, ...party, at, content, raw: vote };
}

export function callOf(call: WebCall, party: Party, now: Date): Inbound | undefined {
  if (call.fromMe || call.isGroup || !isPrivate(call.from)) return undefined;
  const content = { kind: 'call', video: call.isVideo } as const;
  return { key: `${call.id}:call`, ...party, at: now, content, raw: call };
}

/** The other side of a private chat; undefined for any other. */
export function partyOf(chatId: string, alsoKnownAs: Handle[]): Party | undefined {
  const from = isPrivate(chatId) ? handleOfChat(chatId) : undefined;
  return from && { from, alsoKnownAs };
}

/** Whether a message of ours says exactly this, in whichever shape we send it. */
export function says(message: WebMessage, content: OutboundContent): boolean {
  if (content.kind === 'text') return message.type === 'chat' && isSame(message.body, content.text);
  if (content.kind === 'choices')
    return message.type === 'poll_creation'
      ? isSame(message.pollName, content.text)
      : message.type === 'chat' && isSame(message.body, numbered(content));
  if (content.kind === 'template') return false;
  const { fileName } = content.document;
  return (
    message.type === 'document' &&
    message.filename === fileName &&
    isSame(captionOf(message), content.caption === fileName ? '' : content.caption)
  );
}

function isSame(one: string | undefined, other: string): boolean {
  return (one ?? '').trim() === other.trim();
}

/** Choices as text, for where no poll can be. */
export function numbered({ text, choices }: Extract<OutboundContent, { kind: 'choices' }>): string {
  return [text, ...choices.map(({ title }, index) => `${index + 1}. ${title}`)].join('\n');
}
