import { z } from 'zod';
import { ApiError } from './apiArguments.ts';
import { checkedView } from './apiViews.ts';
import type { Block } from './blockSchema.ts';
import type { PlacedElement } from './blocks.ts';
import { placedElements } from './blocks.ts';
import type { Deliver } from './deliver.ts';
import { type Entries, type Entry, elementState, inputErrors, stateValues } from './inputs.ts';
import type { Occasion, ResponseUrls } from './responseUrls.ts';
import type { Screens } from './screens.ts';
import { APP, type Member, WORKSPACE } from './seeds.ts';
import { NotAcknowledged } from './transport.ts';
import type { Triggers } from './triggers.ts';
import type { ShownView } from './views.ts';
import { actingUser, type Wire, type WireFormat } from './wire.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** Buttons, menus, modals, commands and shortcuts: what is sent to the app, and what its answer does. */

export type InteractionParts = {
  workspace: Workspace;
  screens: Screens;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  wire: WireFormat;
  deliver: Deliver;
};

/** How an interaction ended. `reason` is for people, e.g. that the app did not answer in time. */
export type Outcome = { ok: true } | { ok: false; reason: string };

/** How a submission ended; `errors` are by block id. */
export type Submission =
  | { outcome: 'closed' | 'cleared' | 'updated' | 'pushed' }
  | { outcome: 'errors'; errors: Record<string, string> }
  | { outcome: 'failed'; reason: string };

/** Which element was used, and what was chosen in it. Without `blockId`, the first with this action id. */
export type Use = {
  actionId: string;
  blockId?: string | undefined;
  entry?: Entry | undefined;
  entries?: Entries;
};

const submissionAnswer = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.unknown() }),
  z.object({ response_action: z.literal('push'), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

const commandAnswer = z.looseObject({ text: z.string().optional(), blocks: z.array(z.unknown()).optional() });

export class Interactions {
  readonly #parts: InteractionParts;

  constructor(parts: InteractionParts) {
    this.#parts = parts;
  }

  /** A member uses an element of a message. @throws Error when the message has no such element */
  async useInMessage(member: Member, message: Message, ephemeral: boolean, use: Use): Promise<Outcome> {
    const { workspace, wire, triggers } = this.#parts;
    const blocks = messageBlocks(message);
    const placed = place(blocks, use);
    const threadTs = message.threadTs ?? (message.replies.length > 0 ? message.ts : undefined);
    const occasion = { userId: member.id, channel: message.channel, messageTs: message.ts };
    return this.#interact(member, occasion, {
      type: 'block_actions',
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel,
        is_ephemeral: ephemeral,
        ...(threadTs ? { thread_ts: threadTs } : {}),
      },
      trigger_id: triggers.issue({ userId: member.id }),
      channel: namedChannel(workspace.channels.get(message.channel)),
      // An ephemeral message is not kept by Slack, so it does not travel with the action either.
      ...(ephemeral ? {} : { message: wire.message(message, true) }),
      state: { values: stateValues(blocks, use.entries ?? {}) },
      actions: [action(placed, use.entry, workspace.nextTs())],
    });
  }

  /** A member uses an element of a modal or of the Home tab. @throws Error when the view has no such element */
  async useInView(member: Member, shown: ShownView, use: Use): Promise<Outcome> {
    const { workspace, wire, triggers, screens } = this.#parts;
    const placed = place(shown.view.blocks, use);
    screens.enter(shown, use.entries ?? {});
    const modal = shown.view.type === 'modal';
    return this.#interact(member, undefined, {
      type: 'block_actions',
      container: { type: 'view', view_id: shown.id },
      trigger_id: triggers.issue({ userId: member.id, ...(modal ? { viewId: shown.id } : {}) }),
      view: wire.view(shown),
      actions: [action(placed, use.entry, workspace.nextTs())],
    });
  }

  /** A member submits the topmost modal. */
  async submit(member: Member, shown: ShownView, entries: Entries): Promise<Submission> {
    const { triggers, screens, wire, deliver } = this.#parts;
    const errors = inputErrors(shown.view.blocks, entries);
    if (Object.keys(errors).length > 0) return { outcome: 'errors', errors };
    screens.enter(shown, entries);
    try {
      const answer = await deliver.ask('interactive', {
        ...envelope(member),
        type: 'view_submission',
        trigger_id: triggers.issue({ userId: member.id, viewId: shown.id }),
        view: wire.view(shown),
        response_urls: [],
      });
      return this.#afterSubmission(shown, answer);
    } catch (error) {
      return { outcome: 'failed', reason: explain(error) };
    }
  }

  /** A member closes a modal, or all of them; the app hears of it where it asked to. */
  async closeView(member: Member, shown: ShownView, all: boolean): Promise<void> {
    const { screens, wire, deliver } = this.#parts;
    const clears = all || (shown.view.type === 'modal' && shown.view.clear_on_close === true);
    const closed = screens.close(member.id, clears ? undefined : shown.id);
    for (const view of closed) {
      if (view.view.type !== 'modal' || !view.view.notify_on_close) continue;
      const payload = { ...envelope(member), type: 'view_closed', view: wire.view(view), is_cleared: clears };
      await deliver.ask('interactive', payload).catch(() => undefined);
    }
  }

  /** A member runs a slash command in a channel; the app's immediate answer is shown. */
  async command(member: Member, channel: Channel, command: string, text: string): Promise<Outcome> {
    const { triggers, responseUrls, deliver } = this.#parts;
    const occasion: Occasion = { userId: member.id, channel: channel.id };
    try {
      const answer = await deliver.ask('slash_commands', {
        token: 'local',
        team_id: WORKSPACE.id,
        team_domain: WORKSPACE.domain,
        channel_id: channel.id,
        channel_name: namedChannel(channel)?.name,
        user_id: member.id,
        user_name: member.name,
        command,
        text,
        api_app_id: APP.appId,
        is_enterprise_install: 'false',
        response_url: responseUrls.issue(occasion),
        trigger_id: triggers.issue({ userId: member.id }),
      });
      const said = commandAnswer.safeParse(answer);
      if (said.success && (said.data.text || said.data.blocks)) responseUrls.answer(occasion, said.data);
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: `${command} failed: ${explain(error)}` };
    }
  }

  /** A member picks one of the app's shortcuts on a message. */
  messageShortcut(member: Member, message: Message, callbackId: string): Promise<Outcome> {
    const { workspace, triggers, wire } = this.#parts;
    const occasion = { userId: member.id, channel: message.channel, messageTs: message.ts };
    return this.#interact(member, occasion, {
      type: 'message_action',
      callback_id: callbackId,
      trigger_id: triggers.issue({ userId: member.id }),
      action_ts: workspace.nextTs(),
      message_ts: message.ts,
      channel: namedChannel(workspace.channels.get(message.channel)),
      message: wire.message(message, true),
    });
  }

  async #interact(member: Member, occasion: Occasion | undefined, payload: Wire): Promise<Outcome> {
    const responseUrl = occasion ? { response_url: this.#parts.responseUrls.issue(occasion) } : {};
    try {
      await this.#parts.deliver.ask('interactive', { ...envelope(member), ...payload, ...responseUrl });
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: explain(error) };
    }
  }

  #afterSubmission(shown: ShownView, answer: unknown): Submission {
    const { screens, workspace } = this.#parts;
    const told = submissionAnswer.safeParse(answer);
    if (!told.success) {
      if (asksSomething(answer)) return { outcome: 'failed', reason: 'The app answered with a faulty view.' };
      screens.close(shown.userId, shown.id);
      return { outcome: 'closed' };
    }
    switch (told.data.response_action) {
      case 'errors':
        return { outcome: 'errors', errors: told.data.errors };
      case 'clear':
        screens.close(shown.userId);
        return { outcome: 'cleared' };
      case 'update':
        screens.update(shown, checkedView(workspace, told.data.view, 'modal'));
        return { outcome: 'updated' };
      case 'push':
        screens.push(shown.userId, checkedView(workspace, told.data.view, 'modal'));
        return { outcome: 'pushed' };
    }
  }
}

/** The blocks of a message, those of its attachments included. */
function messageBlocks(message: Message): Block[] {
  return [...message.blocks, ...message.attachments.flatMap((attachment) => attachment.blocks ?? [])];
}

function place(blocks: Block[], use: Use): PlacedElement {
  const found = placedElements(blocks).find(
    (placed) => placed.actionId === use.actionId && (use.blockId ?? placed.blockId) === placed.blockId,
  );
  if (!found) throw new Error(`There is no element with action id ${use.actionId}`);
  return found;
}

/** One entry of `actions`. Example: `{type: 'button', action_id: 'claim', block_id: 'b1', text: {…}, value: 'case-7'}` */
function action(
  { element, actionId, blockId }: PlacedElement,
  entry: Entry | undefined,
  actionTs: string,
): Wire {
  const place = { action_id: actionId, block_id: blockId, action_ts: actionTs };
  if (element.type !== 'button') return { ...elementState(element, entry), ...place };
  const { text, value, style, url } = element;
  return {
    type: 'button',
    text,
    ...(value === undefined ? {} : { value }),
    ...(style === undefined ? {} : { style }),
    ...(url === undefined ? {} : { url }),
    ...place,
  };
}

function envelope(member: Member): Wire {
  return {
    token: 'local',
    api_app_id: APP.appId,
    team: { id: WORKSPACE.id, domain: WORKSPACE.domain },
    user: actingUser(member),
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** Slack hides the names of private channels and direct messages from interactions. */
function namedChannel(channel: Channel | undefined): { id: string; name: string } | undefined {
  if (!channel) return undefined;
  return { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : 'privategroup' };
}

function asksSomething(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'response_action' in answer;
}

function explain(error: unknown): string {
  if (error instanceof ApiError) return `The app answered with a fault: ${error.code}.`;
  if (!(error instanceof NotAcknowledged)) throw error;
  return error.reason.includes('timeout') ? 'The app did not answer in time.' : 'The app cannot be reached.';
}
