import type { Response } from 'express';
import type { ScreenChange, Screens } from './screens.ts';
import { APP, type Member, WORKSPACE } from './seeds.ts';
import type { Wire, WireFormat } from './wire.ts';
import type { Change, Channel, Message, Workspace } from './workspace.ts';

/** Live pages: each gets everything its member may see at first, then every change, as server-sent events. */

export type StreamParts = {
  workspace: Workspace;
  screens: Screens;
  wire: WireFormat;
  /** Slash commands and message shortcuts the app registered, for the page's menus. */
  commands: string[];
  messageShortcuts: { callbackId: string; name: string }[];
};

type Viewer = { userId: string; response: Response };

const BEAT_MS = 20_000;
const SHOWN_MESSAGES = 400;

export class PageStream {
  readonly #parts: StreamParts;
  readonly #viewers = new Set<Viewer>();

  constructor(parts: StreamParts) {
    this.#parts = parts;
    parts.workspace.onChange((change) => this.#spread(change));
    parts.screens.onChange((change) => this.#tell(change.userId, this.#screenEvent(change)));
  }

  /** Answers a page's request for the stream of one member. */
  open(userId: string, response: Response): void {
    const member = this.#parts.workspace.members.get(userId) ?? firstOf(this.#parts.workspace);
    if (!member) {
      response.status(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const viewer = { userId: member.id, response };
    const beat = setInterval(() => response.write(': still here\n\n'), BEAT_MS);
    beat.unref();
    response.on('close', () => {
      clearInterval(beat);
      this.#viewers.delete(viewer);
      this.#tellPresence();
    });
    this.#viewers.add(viewer);
    write(viewer, this.#snapshot(member));
    this.#tellPresence();
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.response.end();
  }

  #snapshot(me: Member): Wire {
    const { workspace, screens, wire } = this.#parts;
    const home = workspace.homes.get(me.id);
    return {
      kind: 'snapshot',
      me: me.id,
      workspace: WORKSPACE.name,
      app: { name: APP.name, userId: APP.botUserId },
      members: [...workspace.members.values()],
      channels: this.#channelsOf(me.id).map((channel) => this.#channel(channel)),
      reads: Object.fromEntries(
        this.#channelsOf(me.id).map((channel) => [channel.id, workspace.readUpTo(me.id, channel.id)]),
      ),
      messages: this.#channelsOf(me.id).flatMap((channel) =>
        workspace
          .messages(channel.id)
          .slice(-SHOWN_MESSAGES)
          .map((message) => this.#message(message)),
      ),
      ephemerals: screens.ephemerals(me.id).map((message) => this.#message(message)),
      views: screens.stack(me.id).map((shown) => wire.view(shown)),
      home: home ? wire.view(home) : null,
      present: this.#present(),
      commands: this.#parts.commands,
      shortcuts: this.#parts.messageShortcuts,
    };
  }

  #spread(change: Change): void {
    switch (change.kind) {
      case 'message':
        this.#toChannel(change.message.channel, { kind: 'message', message: this.#message(change.message) });
        return;
      case 'removed':
        this.#toChannel(change.channel, { kind: 'removed', channel: change.channel, ts: change.ts });
        return;
      case 'channel':
        this.#toChannel(change.channel.id, { kind: 'channel', channel: this.#channel(change.channel) });
        return;
      case 'home': {
        const home = this.#parts.workspace.homes.get(change.userId);
        if (home) this.#tell(change.userId, { kind: 'home', view: this.#parts.wire.view(home) });
        return;
      }
      case 'read': {
        const { userId, channel } = change;
        this.#tell(userId, { kind: 'read', channel, ts: this.#parts.workspace.readUpTo(userId, channel) });
      }
    }
  }

  #screenEvent(change: ScreenChange): Wire {
    const { screens, wire } = this.#parts;
    if (change.kind === 'ephemeral') return { kind: 'ephemeral', message: this.#message(change.message) };
    if (change.kind !== 'views') return change;
    return { kind: 'views', views: screens.stack(change.userId).map((shown) => wire.view(shown)) };
  }

  /** Members who have the page open. */
  #present(): string[] {
    return [...new Set([...this.#viewers].map(({ userId }) => userId))];
  }

  #tellPresence(): void {
    const present = this.#present();
    for (const viewer of this.#viewers) write(viewer, { kind: 'presence', present });
  }

  #toChannel(channelId: string, event: Wire): void {
    const members = this.#parts.workspace.channels.get(channelId)?.members ?? [];
    for (const userId of members) this.#tell(userId, event);
  }

  #tell(userId: string, event: Wire): void {
    for (const viewer of this.#viewers) if (viewer.userId === userId) write(viewer, event);
  }

  #channelsOf(userId: string): Channel[] {
    return [...this.#parts.workspace.channels.values()].filter((channel) => channel.members.includes(userId));
  }

  #channel({ id, name, kind, topic, members }: Channel): Wire {
    return { id, name, kind, topic, members };
  }

  #message(message: Message): Wire {
    return { ...this.#parts.wire.message(message), channel: message.channel };
  }
}

function firstOf(workspace: Workspace): Member | undefined {
  return workspace.members.values().next().value;
}

function write({ response }: Viewer, event: Wire): void {
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}
