import type { Logger } from 'pino';
import { RANK } from '../../../models/send.ts';
import {
  type Caps,
  ChannelError,
  type ChannelErrorClass,
  type Delivery,
  type DeliveryReport,
  type Outbound,
  type OutboundContent,
  type OutboundDocument,
} from '../channel.ts';
import type { Files } from './files.ts';
import type { DeskBody, DeskMessage, FileBody } from './message.ts';
import { type Phones, unread } from './phones.ts';
import { recipientNumber, refuseOutsideWindow, refuseOversize, toFault } from './refusals.ts';

/** Gives the text of a template in a language, or undefined when there is none of that name. */
export type TemplateText = (name: string, languageCode: string, parameters: string[]) => string | undefined;

type Dependencies = {
  phones: Phones;
  files: Files;
  log: Logger;
  now: () => Date;
  newId: () => string;
  templateText: TemplateText | undefined;
  caps: Caps;
  isUp: () => boolean;
  /** The app's handler, or undefined while the channel is not up: reports then wait. */
  delivery: () => ((reports: DeliveryReport[]) => Promise<void>) | undefined;
};

/** The way of a message from the app to a phone, and of its ticks back. */
export class ToBuyer {
  readonly #deps: Dependencies;
  readonly #faults: ChannelErrorClass[] = [];
  readonly #owed = new Set<string>();
  #reporting: Promise<void> = Promise.resolve();

  constructor(deps: Dependencies) {
    this.#deps = deps;
    for (const { messages } of deps.phones.all()) {
      for (const message of messages) {
        if (message.from === 'desk' && message.reported !== message.state) this.#owed.add(message.id);
      }
    }
  }

  /** The next send fails in this way; several calls queue up. A message of class `unknown` does go out. */
  failNext(errorClass: ChannelErrorClass): void {
    this.#faults.push(errorClass);
  }

  /** Shows one message on the phone at once. Throws `ChannelError` as the Cloud API would. */
  async send({ to, outboxId, content }: Outbound): Promise<{ providerId: string; state: Delivery }> {
    const number = recipientNumber(to);
    if (!this.#deps.isUp()) {
      throw new ChannelError({ class: 'retry', code: 'offline', message: 'The sandbox is offline.' });
    }
    const fault = this.#faults.shift();
    if (fault && fault !== 'unknown') throw toFault(fault);
    refuseOversize(content);
    const { caps, phones, now } = this.#deps;
    if (caps.window24h && content.kind !== 'template') refuseOutsideWindow(phones.find(number), now());
    const body = await this.#toBody(content);
    const id = `sandbox.${this.#deps.newId()}`;
    this.#deps.phones.put(number, {
      id,
      from: 'desk',
      at: this.#deps.now().toISOString(),
      state: 'delivered',
      reported: 'accepted',
      body,
      outboxId,
      ...(content.kind === 'template' && { template: content.name }),
    });
    this.#deps.phones.typing(number, false);
    this.#owed.add(id);
    // Later, so that the sender has recorded the provider id before the first report names it.
    setImmediate(() => this.report());
    if (fault) throw toFault(fault);
    return { providerId: id, state: 'accepted' };
  }

  /** The buyer has seen the chat up to this message; the app is told in the background. */
  readUpTo(number: string, id: string): void {
    for (const message of unread(this.#deps.phones.upTo(number, id))) {
      this.#deps.phones.put(number, { ...message, state: 'read' });
      this.#owed.add(message.id);
    }
    void this.report();
  }

  /** Tells the app the ticks it has not taken in yet, oldest message first. Never rejects. */
  report(): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      for (const id of [...this.#owed]) await this.#reportOne(id);
    });
    return this.#reporting;
  }

  async #reportOne(id: string): Promise<void> {
    const delivery = this.#deps.delivery();
    const before = this.#desk(id);
    if (!delivery || !before) return;
    const { outboxId, reported } = before.message;
    const at = this.#deps.now();
    const steps = stepsAfter(reported, before.message.state);
    try {
      await delivery(steps.map((state) => ({ providerId: id, outboxId, state, at })));
    } catch (error) {
      // It stays owed, and goes out with the next report.
      this.#deps.log.warn(
        { err: error, providerId: id },
        'the app refused a delivery report of the sandbox phone',
      );
      return;
    }
    // The buyer may have read it meanwhile: then the later state is still owed.
    const { number, message } = this.#desk(id) ?? before;
    this.#deps.phones.put(number, { ...message, reported: before.message.state });
    if (message.state === before.message.state) this.#owed.delete(id);
  }

  #desk(id: string): { number: string; message: DeskMessage } | undefined {
    const found = this.#deps.phones.message(id);
    if (found?.message.from !== 'desk') return undefined;
    return { number: found.number, message: found.message };
  }

  async #toBody(content: OutboundContent): Promise<DeskBody> {
    switch (content.kind) {
      case 'text':
        return { kind: 'text', text: content.text };
      case 'choices':
        return {
          kind: 'choices',
          text: content.text,
          choices: content.choices.map(({ id, title }) => ({ id, title })),
        };
      case 'document':
        return this.#toFile(content.document, content.caption);
      case 'template': {
        const text = this.#templateText(content);
        return content.document ? this.#toFile(content.document, text) : { kind: 'text', text };
      }
    }
  }

  async #toFile({ bytes, fileName, mimeType }: OutboundDocument, caption: string): Promise<FileBody> {
    const sha256 = await this.#deps.files.keep(bytes);
    return { kind: 'file', media: 'document', sha256, fileName, mimeType, sizeBytes: bytes.length, caption };
  }

  #templateText({ name, languageCode, parameters }: Extract<OutboundContent, { kind: 'template' }>): string {
    if (!this.#deps.templateText) return [`[${name}]`, ...parameters].join('\n');
    const text = this.#deps.templateText(name, languageCode, parameters);
    if (text !== undefined) return text;
    throw new ChannelError({
      class: 'template',
      code: '132001',
      message: `No template ${name} (${languageCode}).`,
    });
  }
}

const STEPS = ['accepted', 'sent', 'delivered', 'read'] as const;

function stepsAfter(reported: DeskMessage['state'], state: DeskMessage['state']): DeskMessage['state'][] {
  const rank = RANK[reported];
  return STEPS.filter((step) => RANK[step] > rank && RANK[step] <= RANK[state]);
}
