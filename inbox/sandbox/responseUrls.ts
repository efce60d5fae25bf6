import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ApiError, type Arguments, flag, readArgs } from './apiArguments.ts';
import { appMessage, type Content, MAX_POST_LENGTH, readContent, updateOf } from './content.ts';
import type { Events } from './events.ts';
import type { Screens } from './screens.ts';
import { APP } from './seeds.ts';
import type { Origin, WireFormat } from './wire.ts';
import type { Message, Workspace } from './workspace.ts';

/** Response URLs: the right to answer an action or command five times within half an hour. */

const LIFETIME_S = 30 * 60;
const USES = 5;
const KEPT = 500;

/** What the URL was given for. `messageTs` is the message acted on; a command has none. */
export type Occasion = {
  userId: string;
  channel: string;
  messageTs?: string;
  threadTs?: string;
};

type Issued = { occasion: Occasion; issuedAtS: number; left: number };

const answerArgs = z.object({
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: flag,
  delete_original: flag,
  thread_ts: z.string().optional(),
});

export type ResponseUrlsOptions = {
  workspace: Workspace;
  screens: Screens;
  events: Events;
  wire: WireFormat;
  origin: Origin;
};

export class ResponseUrls {
  readonly #options: ResponseUrlsOptions;
  readonly #issued = new Map<string, Issued>();

  constructor(options: ResponseUrlsOptions) {
    this.#options = options;
  }

  issue(occasion: Occasion): string {
    const id = randomBytes(16).toString('hex');
    this.#issued.set(id, { occasion, issuedAtS: this.#options.workspace.nowS(), left: USES });
    const oldest = this.#issued.keys().next().value;
    if (this.#issued.size > KEPT && oldest !== undefined) this.#issued.delete(oldest);
    return `${this.#options.origin.url}/response/${id}`;
  }

  /** Takes what the app posted to a response URL. @throws ApiError `expired_url`, `used_url` or a fault of the content */
  use(id: string, args: Arguments): void {
    const issued = this.#issued.get(id);
    if (!issued || this.#options.workspace.nowS() > issued.issuedAtS + LIFETIME_S) {
      throw new ApiError('expired_url');
    }
    if (issued.left === 0) throw new ApiError('used_url');
    issued.left -= 1;
    this.answer(issued.occasion, args);
  }

  /** An answer to an occasion, from a response URL or from the acknowledgement of a command. */
  answer(occasion: Occasion, args: Arguments): void {
    const how = readArgs(answerArgs, args);
    const { workspace, screens } = this.#options;
    const original = this.#original(occasion);
    if (how.delete_original) {
      if (original?.ephemeral) screens.dismissEphemeral(occasion.userId, original.message.ts);
      else if (original) this.#delete(original.message);
      return;
    }
    const content = readContent(workspace, args, MAX_POST_LENGTH);
    if (how.replace_original && original) this.#replace(occasion, original, content);
    else this.#post(occasion, content, how.response_type === 'in_channel', how.thread_ts);
  }

  #original({ channel, messageTs, userId }: Occasion): { message: Message; ephemeral: boolean } | undefined {
    if (messageTs === undefined) return undefined;
    const stored = this.#options.workspace.message(channel, messageTs);
    if (stored) return { message: stored, ephemeral: false };
    const shown = this.#options.screens.ephemerals(userId).find((message) => message.ts === messageTs);
    return shown ? { message: shown, ephemeral: true } : undefined;
  }

  #delete(message: Message): void {
    const before = this.#options.wire.message(message);
    this.#options.workspace.removeMessage(message);
    this.#options.events.messageDeleted(message, before);
  }

  #replace(occasion: Occasion, original: { message: Message; ephemeral: boolean }, content: Content): void {
    const { workspace, screens, events, wire } = this.#options;
    const { edited, ...change } = updateOf(workspace, content);
    if (original.ephemeral) {
      screens.showEphemeral(occasion.userId, { ...original.message, ...change });
      return;
    }
    const before = wire.message(original.message);
    workspace.changeMessage(original.message, { ...change, ...(edited ? { edited } : {}) });
    events.messageChanged(original.message, before);
  }

  #post(occasion: Occasion, content: Content, inChannel: boolean, threadTs = occasion.threadTs): void {
    const { workspace, screens, events } = this.#options;
    const draft = {
      ...appMessage(content),
      channel: occasion.channel,
      ...(threadTs ? { threadTs } : {}),
    };
    if (inChannel) events.messagePosted(workspace.addMessage(draft));
    else screens.showEphemeral(occasion.userId, workspace.newMessage({ ...draft, user: APP.botUserId }));
  }
}
