import type { Deliver } from './deliver.ts';
import { APP } from './seeds.ts';
import type { Wire, WireFormat } from './wire.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** The events an app subscribes to, told for everything that happens, the app's own posts included. */
export class Events {
  readonly #workspace: Workspace;
  readonly #wire: WireFormat;
  readonly #deliver: Pick<Deliver, 'event'>;

  constructor(workspace: Workspace, wire: WireFormat, deliver: Pick<Deliver, 'event'>) {
    this.#workspace = workspace;
    this.#wire = wire;
    this.#deliver = deliver;
  }

  /** The app was taken out of the workspace: its tokens are worth nothing any more. */
  appUninstalled(): void {
    this.#deliver.event({ type: 'tokens_revoked', tokens: { oauth: [], bot: [APP.botUserId] } });
    this.#deliver.event({ type: 'app_uninstalled' });
  }

  messagePosted(message: Message): void {
    this.#deliver.event({
      ...this.#wire.message(message),
      channel: message.channel,
      channel_type: this.#channelType(message.channel),
      event_ts: message.ts,
    });
  }

  /** @param before the message in Slack's shape, as it was */
  messageChanged(message: Message, before: Wire): void {
    this.#deliver.event({
      type: 'message',
      subtype: 'message_changed',
      channel: message.channel,
      channel_type: this.#channelType(message.channel),
      message: this.#wire.message(message),
      previous_message: before,
      ...this.#stamp(),
      hidden: true,
    });
  }

  /** @param before the message in Slack's shape, as it was */
  messageDeleted(message: Message, before: Wire): void {
    this.#deliver.event({
      type: 'message',
      subtype: 'message_deleted',
      channel: message.channel,
      channel_type: this.#channelType(message.channel),
      deleted_ts: message.ts,
      previous_message: before,
      ...this.#stamp(),
      hidden: true,
    });
  }

  reactionAdded(message: Message, userId: string, name: string): void {
    this.#reaction('reaction_added', message, userId, name);
  }

  reactionRemoved(message: Message, userId: string, name: string): void {
    this.#reaction('reaction_removed', message, userId, name);
  }

  homeOpened(userId: string, direct: Channel): void {
    const home = this.#workspace.homes.get(userId);
    this.#deliver.event({
      type: 'app_home_opened',
      user: userId,
      channel: direct.id,
      tab: 'home',
      ...(home ? { view: this.#wire.view(home) } : {}),
      event_ts: this.#workspace.nextTs(),
    });
  }

  #reaction(type: 'reaction_added' | 'reaction_removed', message: Message, user: string, name: string): void {
    this.#deliver.event({
      type,
      user,
      reaction: name,
      item: { type: 'message', channel: message.channel, ts: message.ts },
      item_user: message.user,
      event_ts: this.#workspace.nextTs(),
    });
  }

  #stamp(): Wire {
    const ts = this.#workspace.nextTs();
    return { ts, event_ts: ts };
  }

  #channelType(id: string): string {
    const kind = this.#workspace.channels.get(id)?.kind ?? 'private';
    return kind === 'private' ? 'group' : kind;
  }
}

/** Whether the message is the app's own. */
export function isApps(message: Message): boolean {
  return message.botId === APP.botId;
}
