import { z } from 'zod';
import { blockSchema } from './blockSchema.ts';
import { APP, type ChannelSeed, type Member } from './seeds.ts';
import type { ShownView } from './views.ts';

/** The state of the local workspace: what Slack would remember. Rules of the API live in the api files. */

const channelSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['private', 'im', 'mpim']),
  topic: z.string(),
  /** User ids, the app's own included. */
  members: z.array(z.string()),
});

const messageSchema = z.object({
  channel: z.string(),
  /** Seconds and microseconds since 1970; unique in the workspace and rising. */
  ts: z.string(),
  user: z.string(),
  botId: z.string().optional(),
  username: z.string().optional(),
  clientMessageId: z.string().optional(),
  subtype: z.enum(['file_share', 'tombstone']).optional(),
  text: z.string(),
  blocks: z.array(blockSchema),
  attachments: z.array(
    z.looseObject({ color: z.string().optional(), blocks: z.array(blockSchema).optional() }),
  ),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
  threadTs: z.string().optional(),
  broadcast: z.boolean().optional(),
  files: z.array(z.string()),
  edited: z.object({ user: z.string(), ts: z.string() }).optional(),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })),
  /** Ts of the replies, oldest first; only on a thread's first message. */
  replies: z.array(z.string()),
});

const fileSchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  mimeType: z.string(),
  sizeBytes: z.number(),
  user: z.string(),
  createdAtS: z.number(),
  channels: z.array(z.string()),
});

/** Everything that outlives a restart, as it stands in the state file. */
export const savedSchema = z.object({
  version: z.literal(1),
  lastMicros: z.number(),
  lastId: z.number(),
  channels: z.array(channelSchema),
  messages: z.array(messageSchema),
  files: z.array(fileSchema),
  homes: z.record(z.string(), z.custom<ShownView>()),
  /** By member and channel: the ts up to which the member has read. */
  reads: z.record(z.string(), z.record(z.string(), z.string())),
});

export type Saved = z.infer<typeof savedSchema>;
export type Channel = z.infer<typeof channelSchema>;
export type Message = z.infer<typeof messageSchema>;
export type SlackFile = z.infer<typeof fileSchema>;

/** What `addMessage` needs; the rest is filled in. */
export type MessageDraft = Pick<Message, 'channel' | 'user' | 'text'> &
  Partial<Omit<Message, 'ts' | 'reactions' | 'replies' | 'edited'>>;

/** What changed, for those who show or save it. */
export type Change =
  | { kind: 'message'; message: Message }
  | { kind: 'removed'; channel: string; ts: string }
  | { kind: 'channel'; channel: Channel }
  | { kind: 'home'; userId: string }
  | { kind: 'read'; userId: string; channel: string };

/** Older messages of a channel than this many are forgotten, oldest first. */
const MAX_MESSAGES_OF_CHANNEL = 5000;

/** The workspace's memory. All changes go through its methods and are told to the listeners. */
export class Workspace {
  readonly members = new Map<string, Member>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, SlackFile>();
  readonly homes = new Map<string, ShownView>();
  readonly #messages = new Map<string, Map<string, Message>>();
  readonly #reads = new Map<string, Map<string, string>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #now: () => Date;
  #lastMicros = 0;
  #lastId = 0;

  constructor(seeds: { members: Member[]; channels: ChannelSeed[] }, now: () => Date, saved?: Saved) {
    this.#now = now;
    for (const member of seeds.members) this.members.set(member.id, member);
    if (saved) this.#restore(saved);
    const everyone = [...this.members.keys(), APP.botUserId];
    for (const { id, name, topic, members = everyone } of seeds.channels) {
      this.channels.set(id, { id, name, topic, kind: 'private', members });
    }
  }

  /** Calls the listener on every change until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A fresh ts, later than all before it. */
  nextTs(): string {
    this.#lastMicros = Math.max(this.#now().getTime() * 1000, this.#lastMicros + 1);
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`;
  }

  /** A fresh id with Slack's leading letters, e.g. `F00000002K`. */
  nextId(prefix: string): string {
    this.#lastId += 1;
    return `${prefix}${this.#lastId.toString(36).toUpperCase().padStart(9, '0')}`;
  }

  /** Whole seconds since 1970. */
  nowS(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }

  /** A channel by id, name, `#name`, or the user id whose direct messages with the app are meant. */
  findChannel(ref: string): Channel | undefined {
    const byId = this.channels.get(ref);
    if (byId) return byId;
    if (this.members.has(ref)) return this.openDirect([ref]);
    const name = ref.replace(/^#/, '');
    return [...this.channels.values()].find((channel) => channel.kind === 'private' && channel.name === name);
  }

  /** The direct messages between the app and these members, made when missing. */
  openDirect(userIds: string[]): Channel {
    const members = [...new Set([...userIds, APP.botUserId])].sort();
    const known = [...this.channels.values()].find(
      (channel) => channel.kind !== 'private' && [...channel.members].sort().join() === members.join(),
    );
    if (known) return known;
    const kind = members.length > 2 ? 'mpim' : 'im';
    const id = this.nextId(kind === 'im' ? 'D' : 'G');
    const channel: Channel = { id, name: kind === 'im' ? '' : `mpdm-${id}`, kind, topic: '', members };
    this.channels.set(id, channel);
    this.#tell({ kind: 'channel', channel });
    return channel;
  }

  /** Lets someone, or the app, into a channel or out of it. */
  setMembership(channelId: string, userId: string, isMember: boolean): void {
    const known = this.channels.get(channelId);
    if (!known) return;
    const others = known.members.filter((member) => member !== userId);
    const channel = { ...known, members: isMember ? [...others, userId] : others };
    this.channels.set(channelId, channel);
    this.#tell({ kind: 'channel', channel });
  }

  /** All messages of a channel, oldest first. */
  messages(channel: string): Message[] {
    return [...(this.#messages.get(channel)?.values() ?? [])];
  }

  message(channel: string, ts: string): Message | undefined {
    return this.#messages.get(channel)?.get(ts);
  }

  /** A thread's first message and its replies, oldest first; empty when there is no such message. */
  thread(channel: string, ts: string): Message[] {
    const found = this.message(channel, ts);
    const root = found?.threadTs ? this.message(channel, found.threadTs) : found;
    if (!root) return [];
    return [root, ...root.replies.flatMap((reply) => this.message(channel, reply) ?? [])];
  }

  /** A message with its ts that nothing remembers; ephemeral ones stay like that. */
  newMessage(draft: MessageDraft): Message {
    const empty = { blocks: [], attachments: [], files: [] };
    return { ...empty, ...draft, ts: this.nextTs(), reactions: [], replies: [] };
  }

  /** Stores a new message; a reply joins the thread of the message `threadTs` names. */
  addMessage(draft: MessageDraft): Message {
    const message = this.newMessage(draft);
    this.#put(message);
    const root = message.threadTs ? this.message(message.channel, message.threadTs) : undefined;
    root?.replies.push(message.ts);
    this.#tell({ kind: 'message', message });
    if (root) this.#tell({ kind: 'message', message: root });
    this.#forgetOldest(message.channel);
    return message;
  }

  /** Changes a message in place. */
  changeMessage(message: Message, change: Partial<Message>): void {
    Object.assign(message, change);
    this.#tell({ kind: 'message', message });
  }

  /** Removes a message; a thread's first message with replies stays behind as a tombstone, as in Slack. */
  removeMessage(message: Message): void {
    if (message.replies.length > 0) {
      const text = 'This message was deleted.';
      this.changeMessage(message, { text, subtype: 'tombstone', blocks: [], attachments: [], files: [] });
      return;
    }
    this.#messages.get(message.channel)?.delete(message.ts);
    this.#tell({ kind: 'removed', channel: message.channel, ts: message.ts });
    const root = message.threadTs ? this.message(message.channel, message.threadTs) : undefined;
    if (root) this.changeMessage(root, { replies: root.replies.filter((ts) => ts !== message.ts) });
  }

  addFile(file: SlackFile): void {
    this.files.set(file.id, file);
  }

  setHome(userId: string, home: ShownView): void {
    this.homes.set(userId, home);
    this.#tell({ kind: 'home', userId });
  }

  /** How far the member has read the channel; '0' when never opened. */
  readUpTo(userId: string, channel: string): string {
    return this.#reads.get(userId)?.get(channel) ?? '0';
  }

  markRead(userId: string, channel: string, ts: string): void {
    if (ts <= this.readUpTo(userId, channel)) return;
    const reads = this.#reads.get(userId) ?? new Map<string, string>();
    this.#reads.set(userId, reads.set(channel, ts));
    this.#tell({ kind: 'read', userId, channel });
  }

  /** Everything that outlives a restart. */
  save(): Saved {
    return {
      version: 1,
      lastMicros: this.#lastMicros,
      lastId: this.#lastId,
      channels: [...this.channels.values()],
      messages: [...this.#messages.values()].flatMap((byTs) => [...byTs.values()]),
      files: [...this.files.values()],
      homes: Object.fromEntries(this.homes),
      reads: Object.fromEntries([...this.#reads].map(([user, reads]) => [user, Object.fromEntries(reads)])),
    };
  }

  #restore(saved: Saved): void {
    this.#lastMicros = saved.lastMicros;
    this.#lastId = saved.lastId;
    for (const channel of saved.channels) this.channels.set(channel.id, channel);
    for (const message of saved.messages) this.#put(message);
    for (const file of saved.files) this.files.set(file.id, file);
    for (const [userId, home] of Object.entries(saved.homes)) this.homes.set(userId, home);
    for (const [userId, reads] of Object.entries(saved.reads)) {
      this.#reads.set(userId, new Map(Object.entries(reads)));
    }
  }

  #put(message: Message): void {
    const byTs = this.#messages.get(message.channel) ?? new Map<string, Message>();
    this.#messages.set(message.channel, byTs.set(message.ts, message));
  }

  #forgetOldest(channel: string): void {
    const byTs = this.#messages.get(channel);
    if (!byTs || byTs.size <= MAX_MESSAGES_OF_CHANNEL) return;
    const oldest = byTs.keys().next().value;
    if (oldest !== undefined) byTs.delete(oldest);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
