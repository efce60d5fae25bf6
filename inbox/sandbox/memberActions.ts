import { randomUUID } from 'node:crypto';
import { react, threadOf, unreact } from './apiChat.ts';
import { keepFile } from './apiFiles.ts';
import type { Events } from './events.ts';
import type { FileStore } from './fileStore.ts';
import type { Entries } from './inputs.ts';
import type { Interactions, Outcome, Submission, Use } from './interactions.ts';
import type { Screens } from './screens.ts';
import { APP, type Member } from './seeds.ts';
import type { ShownView } from './views.ts';
import type { WireFormat } from './wire.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** What a member of the team does in the client. The page and tests go through here alike. */

export type MemberParts = {
  workspace: Workspace;
  screens: Screens;
  store: FileStore;
  events: Events;
  wire: WireFormat;
  interactions: Interactions;
};

/** A file a member attaches. */
export type Attached = { name: string; bytes: Buffer };

/** A member cannot do this: no such person, channel, message or element, or not theirs. */
export class MemberMistake extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MemberMistake';
  }
}

export class MemberActions {
  readonly #parts: MemberParts;

  constructor(parts: MemberParts) {
    this.#parts = parts;
  }

  /** Posts what the member typed; links, mentions and `& < >` are written as Slack writes them. @throws MemberMistake */
  post(
    userId: string,
    channelId: string,
    text: string,
    how: { threadTs?: string; files?: Attached[] } = {},
  ): Message {
    const { workspace, events } = this.#parts;
    const channel = this.#joined(userId, channelId);
    const files = (how.files ?? []).map((file) => this.#keep(userId, channel, file));
    if (text.trim() === '' && files.length === 0) throw new MemberMistake('There is nothing to send.');
    const message = workspace.addMessage({
      channel: channel.id,
      user: userId,
      clientMessageId: randomUUID(),
      text: this.#typed(text),
      ...(files.length > 0 ? { files, subtype: 'file_share' as const } : {}),
      ...threadOf(workspace, channel, how.threadTs),
    });
    workspace.markRead(userId, channel.id, message.ts);
    events.messagePosted(message);
    return message;
  }

  /** Rewords the member's own message. @throws MemberMistake */
  edit(userId: string, channelId: string, ts: string, text: string): void {
    const { workspace, events, wire } = this.#parts;
    const message = this.#own(userId, channelId, ts);
    const before = wire.message(message);
    workspace.changeMessage(message, {
      text: this.#typed(text),
      edited: { user: userId, ts: workspace.nextTs() },
    });
    events.messageChanged(message, before);
  }

  /** Deletes the member's own message. @throws MemberMistake */
  delete(userId: string, channelId: string, ts: string): void {
    const { workspace, events, wire } = this.#parts;
    const message = this.#own(userId, channelId, ts);
    const before = wire.message(message);
    workspace.removeMessage(message);
    events.messageDeleted(message, before);
  }

  /** Adds the member's reaction, or takes it away when it is there. @throws MemberMistake */
  toggleReaction(userId: string, channelId: string, ts: string, name: string): void {
    const { workspace, events } = this.#parts;
    const message = this.#message(this.#joined(userId, channelId), ts);
    if (react(workspace, message, userId, name)) {
      events.reactionAdded(message, userId, name);
    } else {
      unreact(workspace, message, userId, name);
      events.reactionRemoved(message, userId, name);
    }
  }

  /** Uses an element of a message the member sees, ephemeral ones included. @throws MemberMistake */
  async click(userId: string, channelId: string, ts: string, use: Use): Promise<Outcome> {
    const { screens, workspace, interactions } = this.#parts;
    const member = this.member(userId);
    const channel = this.#joined(userId, channelId);
    const shown = screens.ephemerals(userId).find((message) => message.ts === ts);
    const message = workspace.message(channel.id, ts) ?? shown;
    if (!message) throw new MemberMistake('This message is gone.');
    return this.#told(userId, await interactions.useInMessage(member, message, message === shown, use));
  }

  /** Uses an element of a modal on the member's screen or of the member's Home tab. @throws MemberMistake */
  async clickInView(userId: string, viewId: string, use: Use): Promise<Outcome> {
    const home = this.#parts.workspace.homes.get(userId);
    const shown = home?.id === viewId ? home : this.#modal(userId, viewId);
    return this.#told(userId, await this.#parts.interactions.useInView(this.member(userId), shown, use));
  }

  /** Submits a modal. @throws MemberMistake when it is not on the member's screen */
  submit(userId: string, viewId: string, entries: Entries): Promise<Submission> {
    return this.#parts.interactions.submit(this.member(userId), this.#modal(userId, viewId), entries);
  }

  /** Closes a modal, or with `all` the whole stack. @throws MemberMistake when it is not on the member's screen */
  closeView(userId: string, viewId: string, all = false): Promise<void> {
    return this.#parts.interactions.closeView(this.member(userId), this.#modal(userId, viewId), all);
  }

  /** Runs a command such as `/baton help` in a channel. @throws MemberMistake */
  async command(userId: string, channelId: string, command: string, text: string): Promise<Outcome> {
    const channel = this.#joined(userId, channelId);
    const { interactions } = this.#parts;
    return this.#told(userId, await interactions.command(this.member(userId), channel, command, text));
  }

  /** Picks a shortcut in a message's menu. @throws MemberMistake */
  async messageShortcut(userId: string, channelId: string, ts: string, callbackId: string): Promise<Outcome> {
    const message = this.#message(this.#joined(userId, channelId), ts);
    const { interactions } = this.#parts;
    return this.#told(userId, await interactions.messageShortcut(this.member(userId), message, callbackId));
  }

  /** Leaves a channel. @throws MemberMistake */
  leave(userId: string, channelId: string): void {
    const channel = this.#joined(userId, channelId);
    channel.members = channel.members.filter((member) => member !== userId);
  }

  /** Opens the app's Home tab. @throws MemberMistake */
  openHome(userId: string): void {
    const { workspace, events } = this.#parts;
    events.homeOpened(this.member(userId).id, workspace.openDirect([userId]));
  }

  /** @throws MemberMistake */
  member(userId: string): Member {
    const member = this.#parts.workspace.members.get(userId);
    if (!member) throw new MemberMistake('There is no such member.');
    return member;
  }

  #told(userId: string, outcome: Outcome): Outcome {
    if (!outcome.ok) this.#parts.screens.notice(userId, outcome.reason);
    return outcome;
  }

  #joined(userId: string, channelId: string): Channel {
    const channel = this.#parts.workspace.findChannel(channelId);
    if (!channel?.members.includes(this.member(userId).id))
      throw new MemberMistake('There is no such channel.');
    return channel;
  }

  #message(channel: Channel, ts: string): Message {
    const message = this.#parts.workspace.message(channel.id, ts);
    if (!message) throw new MemberMistake('This message is gone.');
    return message;
  }

  #own(userId: string, channelId: string, ts: string): Message {
    const message = this.#message(this.#joined(userId, channelId), ts);
    if (message.user !== userId) throw new MemberMistake('This message is not yours.');
    return message;
  }

  #modal(userId: string, viewId: string): ShownView {
    const shown = this.#parts.screens.stack(userId).find((view) => view.id === viewId);
    if (!shown) throw new MemberMistake('This dialog is closed.');
    return shown;
  }

  #keep(userId: string, channel: Channel, file: Attached): string {
    const id = this.#parts.workspace.nextId('F');
    return keepFile(this.#parts, { ...file, id, user: userId, channels: [channel.id] }).id;
  }

  #typed(text: string): string {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const linked = escaped.replace(/\bhttps?:\/\/[^\s|]+/g, (url) => `<${url}>`);
    return linked.replace(/(?<![^\s(])@(\w+)/g, (typed, name: string) => {
      const id = this.#userNamed(name.toLowerCase());
      return id ? `<@${id}>` : typed;
    });
  }

  #userNamed(name: string): string | undefined {
    if (name === APP.name.toLowerCase()) return APP.botUserId;
    return [...this.#parts.workspace.members.values()].find((member) => member.name === name)?.id;
  }
}
