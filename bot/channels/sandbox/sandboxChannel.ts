import { Readable } from 'node:stream';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type {
  Caps,
  Channel,
  ChannelErrorClass,
  ChannelEvents,
  Delivery,
  FetchedMedia,
  Health,
  Outbound,
  Reconciled,
} from '../channel.ts';
import { Files } from './files.ts';
import { type Attachment, FromBuyer } from './fromBuyer.ts';
import { type BuyerMessage, type PhoneMessage, phonesStateSchema } from './message.ts';
import { Phones } from './phones.ts';
import { SANDBOX_CAPS } from './refusals.ts';
import { createPhoneRouter } from './routes.ts';
import { loadState, StateFile } from './stateFile.ts';
import { Streams } from './streams.ts';
import { type TemplateText, ToBuyer } from './toBuyer.ts';

/** What the sandbox needs; without a state file chats and files live in memory only. */
export type SandboxOptions = {
  log: Logger;
  /** `sandbox` by default; another name, kind and caps make it stand for one of several transports. */
  id?: string;
  kind?: Channel['kind'];
  caps?: Caps;
  /** JSON file for the chats; documents lie beside it in `<stateFile>.files/`. */
  stateFile?: string;
  now: () => Date;
  newId: () => string;
  /** Approved copy for templates; without it a template shows its name and parameters. */
  templateText?: TemplateText;
  /** The name the buyer sees at the top of the chat. */
  deskName?: string;
};

/**
 * Phones in the browser, on which newcomers are buyers. It behaves as the Cloud API does: ticks, quick replies,
 * the 24-hour window, faults. The methods ending in `As` act as a buyer would, for tests and demonstrations.
 */
export class SandboxChannel implements Channel {
  readonly id: string;
  readonly kind: Channel['kind'];
  readonly caps: Caps;
  /** The page and its endpoints, to be mounted at `/sandbox/phone`. */
  readonly router: Router;
  readonly #phones: Phones;
  readonly #files: Files;
  readonly #fromBuyer: FromBuyer;
  readonly #toBuyer: ToBuyer;
  readonly #streams: Streams;
  readonly #stateFile: StateFile<unknown> | undefined;
  readonly #newId: () => string;
  readonly #fetches: (FetchedMedia | Error)[] = [];
  #health: Health = 'starting';
  #events: ChannelEvents | undefined;

  constructor(options: SandboxOptions) {
    const { log, stateFile, now, newId, templateText, deskName = 'Sales desk' } = options;
    const { id = 'sandbox', kind = 'sandbox', caps = SANDBOX_CAPS } = options;
    this.id = id;
    this.kind = kind;
    this.caps = caps;
    const saved = stateFile === undefined ? undefined : loadState(stateFile, phonesStateSchema, log);
    const phones = new Phones(saved?.phones);
    const files = new Files(stateFile === undefined ? undefined : `${stateFile}.files`);
    const inbound = () => this.#eventsWhenUp()?.inbound;
    const delivery = () => this.#eventsWhenUp()?.delivery;
    const isUp = () => this.#health === 'ready';
    this.#newId = newId;
    this.#phones = phones;
    this.#files = files;
    this.#fromBuyer = new FromBuyer({ phones, files, log, now, inbound });
    this.#toBuyer = new ToBuyer({ phones, files, log, now, newId, templateText, caps, isUp, delivery });
    this.#streams = new Streams(phones, deskName);
    this.#stateFile = stateFile === undefined ? undefined : keepSaved(phones, stateFile, log);
    this.router = createPhoneRouter({
      phones,
      files,
      fromBuyer: this.#fromBuyer,
      toBuyer: this.#toBuyer,
      streams: this.#streams,
      isStopped: () => this.#health === 'stopped',
    });
  }

  /** Opens the line; what waited since an earlier run is handed over in the background. */
  async start(events: ChannelEvents): Promise<void> {
    this.#events = events;
    void this.goOnline();
  }

  /** Closes the pages' streams, lets what is on its way arrive, and saves. */
  async stop(): Promise<void> {
    this.#become('stopped');
    this.#streams.close();
    await this.#fromBuyer.idle();
    await this.#toBuyer.report();
    await this.#stateFile?.flush();
  }

  health(): Health {
    return this.#health;
  }

  /** Shows one message on the buyer's phone. Throws `ChannelError`. */
  send(message: Outbound): Promise<{ providerId: string; state: Delivery }> {
    return this.#toBuyer.send(message);
  }

  async markRead(messageKey: string, typing: boolean): Promise<void> {
    this.#fromBuyer.seen(messageKey, typing);
  }

  async fetchMedia(ref: string): Promise<FetchedMedia> {
    const told = this.#fetches.shift();
    if (told instanceof Error) throw told;
    if (told) return told;
    const bytes = await this.#files.get(ref);
    const mimeType = this.#phones.mimeTypeOf(ref);
    if (!bytes || mimeType === undefined) return { kind: 'gone', reason: 'the phone has no such file' };
    return { kind: 'media', bytes: Readable.from([bytes]), mimeType };
  }

  async reconcile({ to, outboxId }: Outbound): Promise<Reconciled> {
    const messages = this.#phones.find(to.value)?.messages ?? [];
    const sent = messages.findLast((each) => each.from === 'desk' && each.outboxId === outboxId);
    return sent ? { kind: 'sent', providerId: sent.id } : { kind: 'absent' };
  }

  async *backfill(_since: Date): ReturnType<Channel['backfill']> {
    // The phones keep what was written while the app was away, and hand it over themselves.
  }

  /** Gives a number a phone under a name, as a demonstration needs; a known number stays as it is. */
  addBuyer(number: string, name: string): void {
    this.#phones.ensure(number, name);
  }

  /** A buyer writes; resolves with the message once the app has taken or refused it. */
  writeAs(number: string, text: string, more: { key?: string; quoted?: string } = {}): Promise<BuyerMessage> {
    const { key = this.#newId(), quoted } = more;
    return this.#fromBuyer.write(number, { key, body: { kind: 'text', text }, ...(quoted && { quoted }) });
  }

  /** A buyer taps the newest unanswered quick reply with this id. Throws `Problem` when there is none. */
  tapAs(number: string, choiceId: string, key: string = this.#newId()): Promise<BuyerMessage> {
    const messageId = this.#phones.questionWith(number, choiceId)?.id ?? '';
    return this.#fromBuyer.tap(number, { key, messageId, choiceId });
  }

  /** A buyer sends a file. */
  attachAs(number: string, file: Attachment, key: string = this.#newId()): Promise<BuyerMessage> {
    return this.#fromBuyer.attach(number, key, file);
  }

  /** A buyer shares a place. */
  locateAs(
    number: string,
    place: { latitudeDeg: number; longitudeDeg: number; name?: string },
    key: string = this.#newId(),
  ): Promise<BuyerMessage> {
    return this.#fromBuyer.write(number, { key, body: { kind: 'location', ...place } });
  }

  /** A buyer shares somebody's name and numbers. */
  contactAs(
    number: string,
    contact: { name: string; phones: string[] },
    key: string = this.#newId(),
  ): Promise<BuyerMessage> {
    return this.#fromBuyer.write(number, { key, body: { kind: 'contact', ...contact } });
  }

  /** A buyer rings. */
  callAs(number: string, video = false, key: string = this.#newId()): Promise<BuyerMessage> {
    return this.#fromBuyer.write(number, { key, body: { kind: 'call', video } });
  }

  /** A buyer puts an emoji on a message of either side; null takes it back. Throws `Problem` without one. */
  reactAs(
    number: string,
    to: string,
    emoji: string | null,
    key: string = this.#newId(),
  ): Promise<BuyerMessage> {
    return this.#fromBuyer.react(number, key, { to, emoji });
  }

  /** A buyer rewrites a text of their own. Throws `Problem` when it is none. */
  editAs(number: string, to: string, text: string, key: string = this.#newId()): Promise<BuyerMessage> {
    return this.#fromBuyer.edit(number, key, { to, text });
  }

  /** A buyer deletes a message of their own for everyone. Throws `Problem` when it is none. */
  revokeAs(number: string, to: string, key: string = this.#newId()): Promise<BuyerMessage> {
    return this.#fromBuyer.revoke(number, key, { to });
  }

  /** A buyer opens the chat and sees all of it. */
  readAs(number: string): void {
    const newest = this.transcript(number).at(-1);
    if (newest) this.#toBuyer.readUpTo(number, newest.id);
  }

  /** A buyer's whole chat, oldest first; a copy. */
  transcript(number: string): PhoneMessage[] {
    return structuredClone(this.#phones.find(number)?.messages ?? []);
  }

  /** The next send throws an error of this class; one of class `unknown` goes out all the same. */
  failNextSend(errorClass: ChannelErrorClass): void {
    this.#toBuyer.failNext(errorClass);
  }

  /** The next file that is fetched comes out like this instead; several calls queue up. */
  answerNextFetch(answer: FetchedMedia | Error): void {
    this.#fetches.push(answer);
  }

  /** Cuts the line: sends fail with class `retry`, buyers' messages wait with one tick. */
  goOffline(): void {
    this.#become('degraded');
  }

  /** Restores the line; resolves when all that waited has been handed over, one batch per phone. */
  async goOnline(): Promise<void> {
    this.#become('ready');
    await Promise.all([this.#fromBuyer.handOverWaiting(), this.#toBuyer.report()]);
  }

  #become(health: Health): void {
    const isChange = this.#health !== health;
    this.#health = health;
    if (isChange) this.#events?.state(health);
  }

  #eventsWhenUp(): ChannelEvents | undefined {
    return this.#health === 'ready' ? this.#events : undefined;
  }
}

/** Makes the sandbox channel; `start` opens its line, its `router` shows the phones. */
export function createSandboxChannel(options: SandboxOptions): SandboxChannel {
  return new SandboxChannel(options);
}

function keepSaved(phones: Phones, path: string, log: Logger): StateFile<unknown> {
  const stateFile = new StateFile({ path, log, read: () => ({ version: 1, phones: phones.all() }) });
  phones.subscribe((change) => {
    if (change.kind !== 'typing') stateFile.touch();
  });
  return stateFile;
}
