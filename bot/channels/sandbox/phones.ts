import type { Body, BuyerMessage, DeskMessage, Phone, PhoneMessage } from './message.ts';
import { FIRST_BUYERS, NEW_NUMBER_SAMPLES } from './people.ts';

/** One line of the list of phones; `unread` counts what the desk sent and the buyer has not seen. */
type PhoneSummary = Omit<Phone, 'messages'> & {
  unread: number;
  last?: { text: string; at: string; from: PhoneMessage['from'] };
};

/** What happened on a phone, for whoever shows it. */
export type PhoneChange =
  | { kind: 'message'; number: string; message: PhoneMessage }
  | { kind: 'typing'; number: string; on: boolean }
  | { kind: 'phone'; number: string };

/** A page of a chat, oldest first; `hasEarlier` says that more came before. */
type ChatPage = { messages: PhoneMessage[]; hasEarlier: boolean };

type Place = { phone: Phone; position: number };

/** Every buyer's phone with its chat. Messages are only appended or replaced whole under their id. */
export class Phones {
  readonly #phones = new Map<string, Phone>();
  readonly #places = new Map<string, Place>();
  readonly #listeners = new Set<(change: PhoneChange) => void>();

  /** Starts with the phones of an earlier run, or with the first buyers. */
  constructor(saved: readonly Phone[] | undefined) {
    const phones = saved ?? FIRST_BUYERS.map((person) => ({ ...person, messages: [] }));
    for (const phone of phones) this.#restore(structuredClone(phone));
  }

  /** Calls `listener` after each change until the returned function is called. */
  subscribe(listener: (change: PhoneChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  all(): Phone[] {
    return [...this.#phones.values()];
  }

  /** The phone of a number, or undefined when nobody has it. */
  find(number: string): Phone | undefined {
    return this.#phones.get(number);
  }

  /** The phone of a number; a number nobody had gets a phone with an empty chat. */
  ensure(number: string, name?: string): Phone {
    const known = this.#phones.get(number);
    if (known) return known;
    const phone: Phone = { number, ...(name && { name }), samples: [...NEW_NUMBER_SAMPLES], messages: [] };
    this.#phones.set(number, phone);
    this.#announce({ kind: 'phone', number });
    return phone;
  }

  /** Hands out the next free invented number, `+91 99999 0xxxx`; undefined when all are taken. */
  add(name?: string): Phone | undefined {
    for (let serial = 1; serial <= 9999; serial += 1) {
      const number = `+9199999${String(serial).padStart(5, '0')}`;
      if (!this.#phones.has(number)) return this.ensure(number, name);
    }
    return undefined;
  }

  /** Appends a message to a phone's chat, or replaces the one with the same id. */
  put(number: string, message: PhoneMessage): void {
    const known = this.#places.get(message.id);
    const phone = known?.phone ?? this.ensure(number);
    const position = known?.position ?? phone.messages.length;
    phone.messages[position] = message;
    this.#places.set(message.id, { phone, position });
    this.#announce({ kind: 'message', number: phone.number, message });
  }

  /** Shows or hides "typing…" on a phone. */
  typing(number: string, on: boolean): void {
    this.#announce({ kind: 'typing', number, on });
  }

  /** The message with this id and the number of its phone. */
  message(id: string): { number: string; message: PhoneMessage } | undefined {
    const place = this.#places.get(id);
    const message = place?.phone.messages[place.position];
    return place && message && { number: place.phone.number, message };
  }

  /** The chat up to and including the message with this id; empty when the phone does not have it. */
  upTo(number: string, id: string): PhoneMessage[] {
    const place = this.#places.get(id);
    if (place?.phone.number !== number) return [];
    return place.phone.messages.slice(0, place.position + 1);
  }

  /** The last `limit` messages before the message `before`, or the newest ones without it. */
  page(number: string, limit: number, before?: string): ChatPage {
    const messages = this.#phones.get(number)?.messages ?? [];
    const end = before === undefined ? messages.length : (this.#places.get(before)?.position ?? 0);
    const from = Math.max(0, end - limit);
    return { messages: messages.slice(from, end), hasEarlier: from > 0 };
  }

  /** The newest unanswered question on a phone that offers this choice. */
  questionWith(number: string, choiceId: string): PhoneMessage | undefined {
    return this.#phones
      .get(number)
      ?.messages.findLast(
        ({ body }) =>
          body.kind === 'choices' &&
          body.chosen === undefined &&
          body.choices.some(({ id }) => id === choiceId),
      );
  }

  /** The declared type of a file on any phone, by its SHA-256. */
  mimeTypeOf(sha256: string): string | undefined {
    for (const { messages } of this.#phones.values()) {
      for (const { body } of messages) {
        if (body.kind === 'file' && body.sha256 === sha256) return body.mimeType;
      }
    }
    return undefined;
  }

  /** Every phone in one line each, the latest chat first, then in the order they were added. */
  summaries(): PhoneSummary[] {
    return this.all()
      .map(summarize)
      .sort((a, b) => (b.last?.at ?? '').localeCompare(a.last?.at ?? ''));
  }

  #restore(phone: Phone): void {
    phone.messages = phone.messages.map(asLeftByRestart);
    this.#phones.set(phone.number, phone);
    for (const [position, message] of phone.messages.entries()) {
      this.#places.set(message.id, { phone, position });
    }
  }

  #announce(change: PhoneChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** One phone in one line. */
export function summarize(phone: Phone): PhoneSummary {
  const { messages, ...person } = phone;
  const last = messages.at(-1);
  return {
    ...person,
    unread: unread(messages).length,
    ...(last && { last: { text: preview(last), at: last.at, from: last.from } }),
  };
}

/** The desk's messages that the buyer has not seen. */
export function unread(messages: readonly PhoneMessage[]): DeskMessage[] {
  const found: DeskMessage[] = [];
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.from !== 'desk') continue;
    // Reading marks everything above as well, so the first one that was read ends the search.
    if (message.state === 'read') break;
    found.push(message);
  }
  return found.reverse();
}

const PREVIEW_CHARS = 80;

function preview({ body }: PhoneMessage): string {
  return wordsOf(body).slice(0, PREVIEW_CHARS);
}

function wordsOf(body: Body): string {
  switch (body.kind) {
    case 'text':
    case 'choices':
      return body.text;
    case 'choice':
      return body.title;
    case 'file':
      return body.voice ? 'Voice note' : body.fileName;
    case 'location':
      return `Location: ${body.name ?? 'a place on the map'}`;
    case 'contact':
      return `Contact: ${body.name}`;
    case 'call':
      return body.video ? 'Video call' : 'Voice call';
    case 'reaction':
      return body.emoji === null ? 'Took a reaction back' : `Reacted ${body.emoji}`;
    case 'edited':
      return `Edited: ${body.text}`;
    case 'revoked':
      return 'Deleted a message';
  }
}

/** A message that was on its way when the process ended is handed over again; the app knows its key. */
function asLeftByRestart(message: PhoneMessage): PhoneMessage {
  if (message.from === 'desk' || message.state !== 'sending') return message;
  return { ...message, state: 'sent' } satisfies BuyerMessage;
}
