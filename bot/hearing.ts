import { chosenValue, runsAsking, runThatOffers } from '../flows/asking.ts';
import { identityPaperIn } from '../flows/kyc/documents.ts';
import type {
  Choice,
  ConversationState,
  Earlier,
  HeardMessage,
  Intent,
  Understanding,
} from '../flows/types.ts';
import type { InboundRecord } from '../models/inbound.ts';
import type { Content } from './channels/channel.ts';
import { type KnownEarlier, keyOf, reference, targetOf } from './earlier.ts';
import { quotation, shownOf, textOf } from './shown.ts';
import { foldedWords } from './understand/phrases.ts';
import type { Understander } from './understand/understander.ts';

export type HearingContext = {
  state: ConversationState;
  understander: Understander;
  /** True for what came in long after it was written, because we could not be reached. */
  isLate?: ((record: InboundRecord) => boolean) | undefined;
  timeZone: string;
  now: Date;
};

const READ_CHARACTERS = 4_000;
/** A machine may mishear: what it heard is never sure enough for the strictest floors. */
const MOST_CONFIDENCE_HEARD = 0.79;
const MEANING_OF_EMOJI: Record<string, Intent> = {
  '👍': 'affirm',
  '👌': 'affirm',
  '❤': 'affirm',
  '👎': 'deny',
};

/** What a turn's messages say and mean, each in the light of the messages that it is about. */
export async function hearTurn(
  turn: InboundRecord[],
  known: KnownEarlier,
  context: HearingContext,
): Promise<HeardMessage[]> {
  const hearing = new Hearing(turn, known, context);
  const heard: HeardMessage[] = [];
  for (const record of turn) heard.push(await hearing.hear(record));
  return heard;
}

class Hearing {
  private readonly turn: InboundRecord[];
  private readonly known: KnownEarlier;
  private readonly context: HearingContext;

  constructor(turn: InboundRecord[], known: KnownEarlier, context: HearingContext) {
    this.turn = turn;
    this.known = known;
    this.context = context;
  }

  async hear(record: InboundRecord): Promise<HeardMessage> {
    const content = record.content as Content;
    const isLate = this.context.isLate?.(record) ?? false;
    const heard = await this.hearContent(record, content);
    return { ...heard, ...(isLate && { isLate }) };
  }

  private async hearContent(record: InboundRecord, content: Content): Promise<HeardMessage> {
    switch (content.kind) {
      case 'edited':
        return this.hearEdit(record, content.text);
      case 'revoked':
        return this.hearRevocation(record);
      case 'reaction':
        return this.hearReaction(record, content.emoji);
      case 'vote':
        return this.hearVote(record, content.titles);
      case 'call':
        return this.unread(record, { content: 'call' });
      default:
        return this.hearWords(record);
    }
  }

  /** Text, a tap, a file, a place: what stands by itself, as it reads after the edits of this turn. */
  private async hearWords(record: InboundRecord): Promise<HeardMessage> {
    const { content, revokedAt } = this.known.theirs.get(record._id) ?? record;
    const what = content as Content;
    const isSticker = what.kind === 'media' && what.media === 'sticker';
    const events = this.known.events.filter((each) => isAbout(each, record));
    const wasEditedBefore = events.some((each) => each.content.kind === 'edited' && !this.isInTurn(each));
    const about = what.kind === 'choice' ? undefined : this.quoted(record);
    const isSpoken = what.kind === 'media' && Boolean(what.transcript);
    const text = textOf(what);
    const choiceId = what.kind === 'choice' ? what.id : about && about.by !== 'buyer' && chosen(about, text);
    const words = record.quoted && what.kind !== 'choice' ? quoting(about, shownOf(what)) : shownOf(what);
    return {
      ...this.plain(record),
      content: isSticker ? 'sticker' : what.kind,
      text,
      shown: revokedAt ? `🗑 deleted by the buyer: ${words}` : words,
      understanding: isSticker ? meaning('thanks') : asHeard(await this.understand(text, about), isSpoken),
      ...fileIn(what),
      ...(isSpoken && { isSpoken }),
      ...(about && { about }),
      ...(choiceId && { choiceId }),
      ...(revokedAt && { isRevoked: true }),
      // The newer words have been answered already.
      ...(wasEditedBefore && { isQuiet: true }),
    };
  }

  /**
   * An edit of something unanswered is part of it. Of something answered it is a message of its own, unless it
   * means the same; so is an edit of what we never got.
   */
  private async hearEdit(record: InboundRecord, text: string): Promise<HeardMessage> {
    const edits = this.eventsLike(record);
    const original = this.known.theirs.get(this.target(record));
    const before = this.wordsBefore(record, edits, original);
    const about = before === undefined ? undefined : earlierOf(original ?? record, before);
    const heard = {
      ...this.plain(record),
      content: 'edited' as const,
      text,
      shown:
        before === undefined
          ? shownOf(record.content as Content)
          : `✏️ edited: ${quotation(before)} -> ${quotation(text)}`,
      understanding: meaning('other', 0),
      ...(about && { about }),
    };
    const overtakenBy = original && this.isInTurn(original) ? original : this.newerInTurn(record, edits);
    if (overtakenBy) return { ...heard, partOf: overtakenBy._id };
    const isOutdated = edits.some((each) => each.at > record.at);
    const understanding = await this.understand(text);
    const isSame = before !== undefined && (await this.meansTheSame(before, { text, understanding }));
    const isRevoked = original?.revokedAt ?? this.known.events.some((each) => isRevocationLike(each, record));
    return {
      ...heard,
      understanding,
      ...(isRevoked && { isRevoked: true }),
      ...((isOutdated || isSame) && { isQuiet: true }),
    };
  }

  private hearRevocation(record: InboundRecord): HeardMessage {
    const original = this.known.theirs.get(this.target(record));
    const isUnanswered = original && this.isInTurn(original);
    return this.unread(record, {
      content: 'revoked',
      ...(original && {
        shown: `🗑 deleted by the buyer: ${quotation(shownOf(original.content as Content))}`,
      }),
      ...(isUnanswered ? { partOf: original._id } : { isQuiet: true }),
    });
  }

  private hearReaction(record: InboundRecord, emoji: string | null): HeardMessage {
    const about = this.said(record);
    const to = about ? ` to ${quotation(about.words)}` : '';
    const overtakenBy = this.newerInTurn(record, this.eventsLike(record));
    const intent = emoji && MEANING_OF_EMOJI[plainEmoji(emoji)];
    return this.unread(record, {
      content: 'reaction',
      text: emoji ?? '',
      shown: emoji ? `${emoji}${to}` : `[took back a reaction${to}]`,
      understanding: intent ? meaning(intent) : meaning('other', 0),
      ...(about && { about }),
      ...(overtakenBy ? { partOf: overtakenBy._id } : !emoji && { isQuiet: true }),
    });
  }

  /** A poll stands for quick replies: the option that was ticked last is the tap. */
  private async hearVote(record: InboundRecord, titles: string[]): Promise<HeardMessage> {
    const about = this.said(record);
    const votes = this.eventsLike(record);
    const overtakenBy = this.newerInTurn(record, votes);
    const text = titles.join(', ');
    const ticked = tickedLast(titles, titlesBefore(record, votes));
    const choiceId = ticked && about?.choices.find((each) => sameWords(each.title, ticked))?.id;
    return {
      ...this.plain(record),
      content: 'vote',
      text,
      shown: text || `[took back a vote${about ? ` on ${quotation(about.words)}` : ''}]`,
      understanding: await this.understand(text, about),
      ...(about && { about }),
      ...(choiceId && { choiceId }),
      ...(overtakenBy ? { partOf: overtakenBy._id } : titles.length === 0 && { isQuiet: true }),
    };
  }

  private plain({
    _id,
    at,
    fromAdvertisement,
  }: InboundRecord): Pick<HeardMessage, 'id' | 'at' | 'fromAdvertisement'> {
    return { id: _id, at, ...(fromAdvertisement && { fromAdvertisement }) };
  }

  /** A message without words that could be understood. */
  private unread(
    record: InboundRecord,
    known: Partial<HeardMessage> & Pick<HeardMessage, 'content'>,
  ): HeardMessage {
    const shown = shownOf(record.content as Content);
    return { ...this.plain(record), text: '', shown, understanding: meaning('other', 0), ...known };
  }

  private async understand(text: string, about?: Earlier): Promise<Understanding> {
    const { state, understander, now, timeZone } = this.context;
    const asked = runThatOffers(about?.choices ?? [], state.runs) ?? runsAsking(state.runs)[0];
    const question = asked?.question;
    return understander.understand(text.slice(0, READ_CHARACTERS), {
      now,
      timeZone,
      ...(question && { question }),
    });
  }

  /** The same intent and the same facts. Words that say nothing to us must be the same words. */
  private async meansTheSame(
    before: string,
    { text, understanding }: Pick<HeardMessage, 'text' | 'understanding'>,
  ): Promise<boolean> {
    const meant = await this.understand(before);
    const intent = understanding.intents[0]?.name;
    const isUnderstood = intent !== 'other' || foldedWords(before).join() === foldedWords(text).join();
    const isSame = intent === meant.intents[0]?.name && sameFacts(understanding, meant);
    return isSame && isUnderstood;
  }

  /** What the message said before this edit and before the others of this turn. */
  private wordsBefore(
    record: InboundRecord,
    edits: InboundRecord[],
    original: InboundRecord | undefined,
  ): string | undefined {
    const inTurn = new Set(edits.filter((each) => this.isInTurn(each)).map(({ _id }) => _id));
    if (original) return original.edits?.find(({ id }) => inTurn.has(id))?.before;
    // The message itself never came: only its earlier edits are known.
    const earlier = edits.filter((each) => !inTurn.has(each._id) && each.at <= record.at).at(-1);
    return earlier && textOf(earlier.content as Content);
  }

  /** What was quoted, whoever said it. */
  private quoted(record: InboundRecord): Earlier | undefined {
    return record.quoted === undefined ? undefined : this.earlierAt(reference(record, record.quoted));
  }

  /** What a reaction or a vote is about. */
  private said(record: InboundRecord): Earlier | undefined {
    return this.earlierAt(this.target(record));
  }

  private earlierAt(id: string): Earlier | undefined {
    const theirs = this.known.theirs.get(id);
    return theirs ? earlierOf(theirs, shownOf(theirs.content as Content)) : this.known.ours.get(id);
  }

  private target(record: InboundRecord): string {
    return reference(record, targetOf(record) ?? '');
  }

  /** All edits (or votes, or reactions) of the same message, oldest first. */
  private eventsLike(record: InboundRecord): InboundRecord[] {
    return this.known.events.filter(
      (each) => each.content.kind === record.content.kind && this.target(each) === this.target(record),
    );
  }

  private newerInTurn(record: InboundRecord, events: InboundRecord[]): InboundRecord | undefined {
    const newest = events.filter((each) => this.isInTurn(each)).at(-1);
    return newest?._id === record._id ? undefined : newest;
  }

  private isInTurn({ _id }: InboundRecord): boolean {
    return this.turn.some((each) => each._id === _id);
  }
}

/** A picture or a document, and the identity paper that its caption, or else its name, speaks of. */
function fileIn(content: Content): Pick<HeardMessage, 'file'> {
  if (content.kind !== 'media' || (content.media !== 'image' && content.media !== 'document')) return {};
  const names = identityPaperIn(content.caption ?? '') ?? identityPaperIn(content.fileName ?? '');
  return { file: names ? { names } : {} };
}

function meaning(name: Intent, confidence = 1): Understanding {
  return { intents: [{ name, confidence }], entities: {}, language: 'en', sentiment: 'neutral' };
}

function asHeard(understanding: Understanding, isSpoken: boolean): Understanding {
  if (!isSpoken) return understanding;
  const intents = understanding.intents.map(({ name, confidence }) => ({
    name,
    confidence: Math.min(confidence, MOST_CONFIDENCE_HEARD),
  }));
  return { ...understanding, intents };
}

function earlierOf({ at }: InboundRecord, words: string): Earlier {
  return { by: 'buyer', words, at, choices: [] };
}

function quoting(about: Earlier | undefined, words: string): string {
  return `↩ ${about ? quotation(about.words) : 'an earlier message'}: ${words}`;
}

/** The quick reply of a quoted message that its number or its title names, also of an old one. */
function chosen({ choices }: Earlier, text: string): string | undefined {
  return chosenValue({ choices }, text) ?? choices.find(({ title }) => sameWords(title, text))?.id;
}

function sameWords(a: Choice['title'], b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** The one option that is new; without a new one, the only one that is left. Undefined when that is not clear. */
function tickedLast(titles: string[], before: string[]): string | undefined {
  const added = titles.filter((title) => !before.includes(title));
  if (added.length === 1) return added[0];
  return titles.length === 1 ? titles[0] : undefined;
}

function titlesBefore(record: InboundRecord, votes: InboundRecord[]): string[] {
  const before = votes.slice(
    0,
    votes.findIndex(({ _id }) => _id === record._id),
  );
  const content = before.at(-1)?.content as Content | undefined;
  return content?.kind === 'vote' ? content.titles : [];
}

function sameFacts(a: Understanding, b: Understanding): boolean {
  return JSON.stringify(a.entities) === JSON.stringify(b.entities);
}

/** Without skin tone and presentation: 👍🏽 is 👍. */
function plainEmoji(emoji: string): string {
  return emoji.replace(/[\u{1F3FB}-\u{1F3FF}\u{FE0E}\u{FE0F}]/gu, '');
}

function isAbout(event: InboundRecord, record: InboundRecord): boolean {
  return event.channel === record.channel && targetOf(event) === keyOf(record);
}

function isRevocationLike(event: InboundRecord, record: InboundRecord): boolean {
  return (
    event.content.kind === 'revoked' &&
    event.channel === record.channel &&
    targetOf(event) === targetOf(record)
  );
}
