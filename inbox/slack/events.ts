import type { App } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { SlackEvents } from '../../models/slackEvent.ts';
import { readFailure } from './posts.ts';

/** Everything that Slack delivers is kept, then acknowledged, then handled: once, and in the order of its thread. */

export type InputParts = {
  app: App;
  events: SlackEvents;
  instance: string;
  /** Something may have been missed: what people wrote has to be read again. */
  missed: () => void;
  /** What could not be handled in all its attempts: whoever did it must know. */
  apologise: (body: unknown) => Promise<void>;
  now: () => Date;
  log: Logger;
};

const SECOND_MS = 1_000;
/** After so many failed attempts nobody tries again; a press is worth less, as its dialog has expired. */
const MOST_ATTEMPTS = 5;
const DUE_BATCH = 200;
/** Marks what comes from our own record, where it has been kept already. */
const KEPT = 'keptByBaton';

const botsMessage = z.object({ bot_id: z.string() });
const messageEvent = z.object({
  type: z.literal('message'),
  channel: z.string(),
  ts: z.string(),
  thread_ts: z.string().optional(),
  bot_id: z.string().optional(),
  message: z.object({ thread_ts: z.string().optional(), bot_id: z.string().optional() }).optional(),
  previous_message: z.object({ thread_ts: z.string().optional(), bot_id: z.string().optional() }).optional(),
});
const eventCallback = z.object({
  type: z.literal('event_callback'),
  event_id: z.string(),
  event: z.looseObject({ type: z.string(), event_ts: z.string().optional(), user: z.unknown() }),
  authorizations: z.array(z.object({ user_id: z.string(), is_bot: z.boolean() })).optional(),
});
const action = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  actions: z.array(z.object({ action_ts: z.string() })).min(1),
});
const shortcut = z.object({ type: z.enum(['message_action', 'shortcut']), action_ts: z.string() });
const submission = z.object({ type: z.literal('view_submission'), trigger_id: z.string() });
const command = z.object({ command: z.string(), trigger_id: z.string() });

/**
 * One delivery as the record needs it. `answered`: it is handled before it is acknowledged, as its
 * acknowledgement says something.
 */
type Input = { id: string; line: string; order: string; isAnswered: boolean };
type Waiting = Pick<Input, 'id' | 'order'> & { body: unknown };

/** Keeps and handles what Slack delivers. */
export class SlackInput {
  private readonly parts: InputParts;
  /** By line, what waits to be handled, in order. */
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly running = new Map<string, Promise<void>>();
  /** Lines whose head has failed and will be tried again: what comes in meanwhile waits behind it. */
  private readonly held = new Set<string>();
  private isStopping = false;

  constructor(parts: InputParts) {
    this.parts = parts;
  }

  /** To be called before anybody listens. */
  listen(): void {
    this.parts.app.use(async (args) => {
      const { body, context, next } = args;
      if (context[KEPT] === true) return next();
      const input = readInput(body);
      if (input === 'noise') return;
      const ack = 'ack' in args && typeof args.ack === 'function' ? () => acknowledge(args) : noAnswer;
      if (!input) return next();
      if (!(await this.keep(input, body))) return ack();
      if (input.isAnswered) return this.answer(input.id, next);
      this.queue(input.line, { ...input, body });
      await ack();
    });
  }

  /** Takes in what was not delivered but found, as if Slack had delivered it. */
  async take(body: unknown): Promise<void> {
    const input = readInput(body);
    if (!input || input === 'noise') return;
    if (await this.keep(input, body)) this.queue(input.line, { ...input, body });
  }

  /** Ids of what earlier attempts, or processes, have left unhandled. */
  async due(): Promise<string[]> {
    return this.parts.events.due(this.parts.now(), DUE_BATCH);
  }

  /** What ended processes have left is due now. */
  async release(): Promise<void> {
    await this.parts.events.release(this.parts.now());
  }

  /** Takes up something that is due; returns at once. */
  wake(id: string): void {
    const { events, instance, now, log } = this.parts;
    events
      .take(id, instance, now())
      .then((taken) => {
        if (!taken?.body) return;
        this.held.delete(taken.line);
        this.queue(taken.line, { id, order: taken.order, body: JSON.parse(taken.body) });
      })
      .catch((error: unknown) => log.error({ err: error }, 'what Slack delivered could not be taken up'));
  }

  /** Resolves when nothing is being handled. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Takes up nothing more, and resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.isStopping = true;
    await this.idle();
  }

  private async keep({ id, line, order }: Input, body: unknown): Promise<boolean> {
    const { events, instance, now, missed } = this.parts;
    try {
      const kept = { _id: id, line, order, body: JSON.stringify(body) };
      return await events.storeOnce(kept, instance, now());
    } catch (error) {
      // Over HTTP Slack delivers it again; a socket has acknowledged it already.
      missed();
      throw error;
    }
  }

  private async answer(id: string, next: () => Promise<void>): Promise<void> {
    try {
      await next();
    } catch (error) {
      // Whoever did it has been shown that it failed, and does it again.
      await this.parts.events.giveUp(id);
      throw error;
    }
    await this.parts.events.handled(id);
  }

  private queue(line: string, waiting: Waiting): void {
    const queued = this.waiting.get(line) ?? [];
    if (queued.every(({ id }) => id !== waiting.id)) queued.push(waiting);
    queued.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
    this.waiting.set(line, queued);
    if (this.running.has(line) || this.held.has(line) || this.isStopping) return;
    const run = this.run(line).finally(() => this.running.delete(line));
    this.running.set(line, run);
  }

  private async run(line: string): Promise<void> {
    for (;;) {
      const next = this.isStopping ? undefined : this.waiting.get(line)?.shift();
      if (!next) {
        this.waiting.delete(line);
        return;
      }
      if (await this.handle(next)) continue;
      this.held.add(line);
      return;
    }
  }

  private async handle({ id, body }: Waiting): Promise<boolean> {
    const { app, events } = this.parts;
    try {
      await app.processEvent({
        body: body as Record<string, unknown>,
        ack: noAnswer,
        customProperties: { [KEPT]: true },
      });
      await events.handled(id);
      return true;
    } catch (error) {
      return this.failed(id, body, error);
    }
  }

  /** True when nobody will try again. */
  private async failed(id: string, body: unknown, error: unknown): Promise<boolean> {
    const { events, apologise, now, log } = this.parts;
    try {
      const isRefused = readFailure(error).isOnlyThis;
      const attempts = await events.failed(id, new Date(now().getTime() + SECOND_MS));
      if (!isRefused && attempts < MOST_ATTEMPTS) return false;
      log.error({ event: id, attempts }, 'what Slack delivered could not be handled');
      await events.giveUp(id);
      await apologise(body);
      return true;
    } catch {
      // The database is away: the lease ends by itself, and somebody takes it up then.
      return false;
    }
  }
}

/** `noise`: what nobody is to be told of, such as our own posts; undefined: what needs no record. */
function readInput(body: unknown): Input | 'noise' | undefined {
  const event = eventCallback.safeParse(body);
  if (event.success) return eventInput(event.data);
  const pressed = action.safeParse(body);
  if (pressed.success) {
    const { user, actions } = pressed.data;
    return inputOf(`action:${user.id}:${actions[0]?.action_ts}`, false);
  }
  const chosen = shortcut.safeParse(body);
  if (chosen.success) return inputOf(`shortcut:${chosen.data.action_ts}`, false);
  const answered = submission.safeParse(body);
  if (answered.success) return inputOf(`view:${answered.data.trigger_id}`, true);
  const typed = command.safeParse(body);
  return typed.success ? inputOf(`command:${typed.data.trigger_id}`, true) : undefined;
}

function eventInput({
  event_id: id,
  event,
  authorizations = [],
}: z.infer<typeof eventCallback>): Input | 'noise' {
  if (authorizations.some(({ user_id, is_bot }) => is_bot && user_id === event.user)) return 'noise';
  const message = messageEvent.safeParse(event);
  if (!message.success) return { ...inputOf(id, false), order: event.event_ts ?? '' };
  const { channel, ts, thread_ts, message: now, previous_message: before } = message.data;
  if ([event, now, before].some((each) => botsMessage.safeParse(each).success)) return 'noise';
  const thread = thread_ts ?? now?.thread_ts ?? before?.thread_ts ?? ts;
  return { id, line: `${channel}:${thread}`, order: ts, isAnswered: false };
}

function inputOf(id: string, isAnswered: boolean): Input {
  return { id, line: id, order: '', isAnswered };
}

async function acknowledge(args: object): Promise<void> {
  if ('ack' in args && typeof args.ack === 'function') await args.ack();
}

async function noAnswer(): Promise<void> {}
