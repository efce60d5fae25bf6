import type { Logger } from 'pino';
import type { Content, Inbound } from '../channel.ts';
import type { Files } from './files.ts';
import { type Body, type BuyerMessage, type FileBody, type PhoneMessage, rises } from './message.ts';
import type { Phones } from './phones.ts';
import { Problem } from './problem.ts';

/** What a buyer sends: `key` makes a repeated request harmless. */
type Writing = { key: string; body: Body; quoted?: string };

/** A file picked on the phone; `voice` for one that was spoken into it. */
export type Attachment = {
  bytes: Buffer;
  fileName: string;
  mimeType: string;
  caption: string;
  voice?: true | undefined;
};

type Dependencies = {
  phones: Phones;
  files: Files;
  log: Logger;
  now: () => Date;
  /** The app's handler, or undefined while the channel is not up: messages then wait. */
  inbound: () => ((messages: Inbound[]) => Promise<void>) | undefined;
};

/** The way of a message from a phone to the app, one at a time per phone, in the order written. */
export class FromBuyer {
  readonly #deps: Dependencies;
  readonly #lines = new Map<string, Promise<void>>();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /**
   * Puts a message on the phone and hands it to the app; resolves when the app has taken or refused it, or at
   * once when it has to wait. A key seen before changes nothing, except that an undelivered message is retried.
   * Throws `Problem` when the key belongs to another phone or the quoted message is not in the chat.
   */
  async write(number: string, { key, body, quoted }: Writing): Promise<BuyerMessage> {
    const known = this.#deps.phones.message(key);
    if (known) return this.#again(number, key);
    if (quoted !== undefined && this.#deps.phones.message(quoted)?.number !== number) {
      throw new Problem({
        status: 400,
        code: 'invalid',
        field: 'quoted',
        message: 'No such message in this chat.',
      });
    }
    const at = this.#deps.now().toISOString();
    this.#deps.phones.put(number, {
      id: key,
      from: 'buyer',
      at,
      state: 'sending',
      body,
      ...(quoted && { quoted }),
    });
    return this.#handOver(number, key);
  }

  /**
   * Taps a quick reply. The tap is a message of its own that answers the question.
   * Throws `Problem` when there is no such choice or the question was answered before.
   */
  async tap(
    number: string,
    tap: { key: string; messageId: string; choiceId: string },
  ): Promise<BuyerMessage> {
    if (this.#deps.phones.message(tap.key)) return this.#again(number, tap.key);
    const question = this.#deps.phones.message(tap.messageId);
    const body = question?.message.body;
    const choice = body?.kind === 'choices' && body.choices.find(({ id }) => id === tap.choiceId);
    if (question?.number !== number || body?.kind !== 'choices' || !choice) {
      throw new Problem({
        status: 404,
        code: 'notFound',
        field: 'choiceId',
        message: 'No such choice in this chat.',
      });
    }
    if (body.chosen !== undefined) {
      throw new Problem({ status: 409, code: 'answered', field: 'messageId', message: 'Already answered.' });
    }
    this.#deps.phones.put(number, { ...question.message, body: { ...body, chosen: choice.id } });
    return this.write(number, { key: tap.key, body: { kind: 'choice', ...choice }, quoted: tap.messageId });
  }

  /** Sends a file; the app gets its SHA-256 as the media reference. Throws as `write` does. */
  async attach(number: string, key: string, file: Attachment): Promise<BuyerMessage> {
    const { bytes, ...about } = file;
    const sha256 = await this.#deps.files.keep(bytes);
    const media = mediaKind(file.mimeType);
    return this.write(number, {
      key,
      body: { kind: 'file', ...about, media, sha256, sizeBytes: bytes.length },
    });
  }

  /** Puts an emoji on a message of either side, or takes it back with null. Throws `Problem` when there is none. */
  async react(number: string, key: string, reaction: Change<'reaction'>): Promise<BuyerMessage> {
    if (this.#deps.phones.message(key)) return this.#again(number, key);
    const { reaction: _before, ...message } = this.#inChat(number, reaction.to);
    this.#deps.phones.put(number, { ...message, ...(reaction.emoji && { reaction: reaction.emoji }) });
    return this.write(number, { key, body: { kind: 'reaction', ...reaction } });
  }

  /** Rewrites a text of the buyer's own. Throws `Problem` when there is none of that id. */
  async edit(number: string, key: string, edit: Change<'edited'>): Promise<BuyerMessage> {
    if (this.#deps.phones.message(key)) return this.#again(number, key);
    const message = this.#inChat(number, edit.to);
    if (message.from !== 'buyer' || message.body.kind !== 'text') throw unchangeable();
    const body = { ...message.body, text: edit.text };
    this.#deps.phones.put(number, { ...message, body, edited: true });
    return this.write(number, { key, body: { kind: 'edited', ...edit } });
  }

  /** Deletes a message of the buyer's own for everyone. Throws `Problem` when there is none of that id. */
  async revoke(number: string, key: string, revocation: Change<'revoked'>): Promise<BuyerMessage> {
    if (this.#deps.phones.message(key)) return this.#again(number, key);
    const message = this.#inChat(number, revocation.to);
    if (message.from !== 'buyer' || message.body.kind === 'call') throw unchangeable();
    this.#deps.phones.put(number, { ...message, revoked: true });
    return this.write(number, { key, body: { kind: 'revoked', ...revocation } });
  }

  /** Hands an undelivered message to the app again, under its own key. Throws `Problem` when there is none. */
  async retry(number: string, key: string): Promise<BuyerMessage> {
    return this.#again(number, key);
  }

  /** Blue ticks on this message and those above it, and "typing…" if asked. An unknown key changes nothing. */
  seen(key: string, typing: boolean): void {
    const found = this.#deps.phones.message(key);
    if (found?.message.from !== 'buyer') return;
    for (const message of this.#deps.phones.upTo(found.number, key)) {
      if (message.from !== 'buyer' || message.state === 'undelivered') continue;
      if (rises(message.state, 'read')) this.#deps.phones.put(found.number, { ...message, state: 'read' });
    }
    this.#deps.phones.typing(found.number, typing);
  }

  /** Hands over what waited while the channel was down: one batch per phone, in the order written. */
  async handOverWaiting(): Promise<void> {
    const batches = this.#deps.phones.all().map(({ number, messages }) => {
      const waiting = messages.filter(({ from, state }) => from === 'buyer' && state === 'sent');
      return this.#queue(
        number,
        waiting.map(({ id }) => id),
      );
    });
    await Promise.all(batches);
  }

  /** Resolves when nothing is on its way to the app. */
  async idle(): Promise<void> {
    await Promise.all(this.#lines.values());
  }

  async #again(number: string, key: string): Promise<BuyerMessage> {
    const message = this.#own(number, key);
    if (message.state === 'undelivered') {
      this.#deps.phones.put(number, { ...message, state: 'sending' });
      return this.#handOver(number, key);
    }
    // The first request may still be on its way: its end is this one's end.
    if (message.state === 'sending') await this.#lines.get(number);
    return this.#own(number, key);
  }

  async #handOver(number: string, key: string): Promise<BuyerMessage> {
    await this.#queue(number, [key]);
    return this.#own(number, key);
  }

  #queue(number: string, keys: string[]): Promise<void> {
    const before = this.#lines.get(number) ?? Promise.resolve();
    const line = before.then(() => this.#deliver(number, keys));
    this.#lines.set(number, line);
    return line;
  }

  async #deliver(number: string, keys: string[]): Promise<void> {
    const messages = keys
      .map((key) => this.#own(number, key))
      .filter(({ state }) => rises(state, 'delivered'));
    const inbound = this.#deps.inbound();
    if (messages.length === 0) return;
    if (!inbound) return this.#settle(number, keys, 'sent');
    try {
      await inbound(messages.map((message) => this.#toInbound(number, message)));
      this.#settle(number, keys, 'delivered');
    } catch (error) {
      this.#deps.log.warn({ err: error, keys }, 'the app refused messages from the sandbox phone');
      this.#settle(number, keys, 'undelivered');
    }
  }

  #settle(number: string, keys: string[], state: 'sent' | 'undelivered' | 'delivered'): void {
    for (const key of keys) {
      const message = this.#own(number, key);
      // The app may already have marked it read: what it has seen was delivered.
      if (rises(message.state, 'delivered')) this.#deps.phones.put(number, { ...message, state });
    }
  }

  #own(number: string, key: string): BuyerMessage {
    const found = this.#deps.phones.message(key);
    if (!found) {
      throw new Problem({
        status: 404,
        code: 'notFound',
        field: 'key',
        message: 'No such message in this chat.',
      });
    }
    if (found.number !== number || found.message.from !== 'buyer') {
      throw new Problem({ status: 409, code: 'keyTaken', field: 'key', message: 'This key is taken.' });
    }
    return found.message;
  }

  /** The message that a change is about, unless it was deleted. */
  #inChat(number: string, id: string): PhoneMessage {
    const found = this.#deps.phones.message(id);
    if (found?.number === number && !('revoked' in found.message)) return found.message;
    throw new Problem({
      status: 404,
      code: 'notFound',
      field: 'to',
      message: 'No such message in this chat.',
    });
  }

  #toInbound(number: string, message: BuyerMessage): Inbound {
    const name = this.#deps.phones.find(number)?.name;
    return {
      key: message.id,
      from: { kind: 'pn', value: number },
      alsoKnownAs: [],
      ...(name && { profileName: name }),
      at: new Date(message.at),
      content: toContent(message.body),
      ...(message.quoted && { quoted: message.quoted }),
      raw: { sandbox: { number, ...message } },
    };
  }
}

/** The parts of a change to an earlier message. */
type Change<Kind extends Body['kind']> = Omit<Extract<Body, { kind: Kind }>, 'kind'>;

function unchangeable(): Problem {
  const message = 'Only your own messages can be changed.';
  return new Problem({ status: 409, code: 'unchangeable', field: 'to', message });
}

function toContent(body: Body): Content {
  switch (body.kind) {
    case 'text':
    case 'choices':
      return { kind: 'text', text: body.text };
    case 'choice':
      return { kind: 'choice', id: body.id, title: body.title };
    case 'file': {
      const { media, sha256, mimeType, fileName, sizeBytes, caption, voice } = body;
      return {
        kind: 'media',
        media,
        ref: sha256,
        mimeType,
        fileName,
        sizeBytes,
        ...(caption && { caption }),
        ...(voice && { voice }),
      };
    }
    case 'location': {
      const { kind, latitudeDeg, longitudeDeg, name } = body;
      return { kind, latitudeDeg, longitudeDeg, ...(name && { name }) };
    }
    case 'contact':
      return { kind: 'contacts', contacts: [{ name: body.name, phones: body.phones }] };
    case 'call':
    case 'reaction':
    case 'edited':
    case 'revoked':
      return body;
  }
}

function mediaKind(mimeType: string): FileBody['media'] {
  if (mimeType.startsWith('image/')) return 'image';
  if (mimeType.startsWith('audio/')) return 'audio';
  if (mimeType.startsWith('video/')) return 'video';
  return 'document';
}
