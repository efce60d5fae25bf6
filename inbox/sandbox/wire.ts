import { extname } from 'node:path';
import { APP, type Member, WORKSPACE } from './seeds.ts';
import type { ShownView } from './views.ts';
import type { Channel, Message, SlackFile, Workspace } from './workspace.ts';

/** The workspace's things in the JSON shapes that Slack sends. */

export type Wire = Record<string, unknown>;

/** Where this server is reached, e.g. `http://127.0.0.1:3000/sandbox/slack`; learnt from the latest request. */
export type Origin = { url: string };

/** Renders messages, files and views of one workspace. */
export class WireFormat {
  readonly #workspace: Workspace;
  readonly #origin: Origin;

  constructor(workspace: Workspace, origin: Origin) {
    this.#workspace = workspace;
    this.#origin = origin;
  }

  /** A message as in `conversations.replies` and in events. Metadata only when asked for. */
  message(message: Message, withMetadata = false): Wire {
    return {
      type: 'message',
      ...(message.subtype ? { subtype: message.subtype } : {}),
      ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
      ...(message.clientMessageId ? { client_msg_id: message.clientMessageId } : {}),
      user: message.user,
      ...this.#authorship(message),
      team: WORKSPACE.id,
      text: message.text,
      ts: message.ts,
      ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
      ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
      ...(message.edited ? { edited: message.edited } : {}),
      ...this.#place(message),
      ...(message.files.length > 0 ? { files: this.#files(message), upload: false } : {}),
      ...(message.reactions.length > 0 ? { reactions: message.reactions.map(withCount) } : {}),
      ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
    };
  }

  file(file: SlackFile): Wire {
    const base = `${this.#origin.url}/files/${file.id}/${encodeURIComponent(file.name)}`;
    return {
      id: file.id,
      created: file.createdAtS,
      timestamp: file.createdAtS,
      name: file.name,
      title: file.title,
      mimetype: file.mimeType,
      filetype: extname(file.name).slice(1).toLowerCase() || 'binary',
      size: file.sizeBytes,
      user: file.user,
      user_team: WORKSPACE.id,
      mode: 'hosted',
      is_external: false,
      is_public: false,
      channels: [],
      groups: file.channels,
      url_private: base,
      url_private_download: `${base}?download=1`,
      permalink: base,
    };
  }

  view(shown: ShownView): Wire {
    const { blocks, ...rest } = shown.view;
    return {
      id: shown.id,
      team_id: WORKSPACE.id,
      private_metadata: '',
      callback_id: '',
      external_id: '',
      ...rest,
      blocks,
      state: { values: shown.values },
      hash: shown.hash,
      root_view_id: shown.rootId,
      previous_view_id: shown.previousId ?? null,
      app_id: APP.appId,
      app_installed_team_id: WORKSPACE.id,
      bot_id: APP.botId,
    };
  }

  channel(channel: Channel): Wire {
    const shared = { id: channel.id, is_archived: false, context_team_id: WORKSPACE.id };
    if (channel.kind === 'im') {
      const user = channel.members.find((member) => member !== APP.botUserId);
      return { ...shared, is_im: true, user };
    }
    return {
      ...shared,
      name: channel.name,
      name_normalized: channel.name,
      is_channel: false,
      is_group: channel.kind === 'private',
      is_mpim: channel.kind === 'mpim',
      is_private: true,
      is_member: channel.members.includes(APP.botUserId),
      num_members: channel.members.length,
      topic: { value: channel.topic, creator: '', last_set: 0 },
      purpose: { value: channel.topic, creator: '', last_set: 0 },
    };
  }

  user(member: Member): Wire {
    return {
      id: member.id,
      team_id: WORKSPACE.id,
      name: member.name,
      real_name: member.realName,
      deleted: false,
      is_bot: false,
      tz: 'Asia/Kolkata',
      tz_offset: 19_800,
      profile: {
        real_name: member.realName,
        display_name: member.name,
        email: member.email,
        title: member.title,
      },
    };
  }

  /** The link under which people find a message; the page follows it. */
  permalink(message: Message): string {
    const thread = message.threadTs ? `?thread_ts=${message.threadTs}&cid=${message.channel}` : '';
    return `${this.#origin.url}/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
  }

  #authorship(message: Message): Wire {
    if (!message.botId) return {};
    const name = message.username ?? APP.name;
    return {
      bot_id: message.botId,
      app_id: APP.appId,
      ...(message.username ? { username: message.username } : {}),
      bot_profile: { id: message.botId, app_id: APP.appId, name, deleted: false, team_id: WORKSPACE.id },
    };
  }

  #place(message: Message): Wire {
    if (message.threadTs) {
      const parent = this.#workspace.message(message.channel, message.threadTs);
      return { thread_ts: message.threadTs, ...(parent ? { parent_user_id: parent.user } : {}) };
    }
    if (message.replies.length === 0) return {};
    const users = message.replies.flatMap((ts) => this.#workspace.message(message.channel, ts)?.user ?? []);
    const repliers = [...new Set(users)];
    return {
      thread_ts: message.ts,
      reply_count: message.replies.length,
      reply_users: repliers,
      reply_users_count: repliers.length,
      latest_reply: message.replies.at(-1),
    };
  }

  #files(message: Message): Wire[] {
    return message.files.flatMap((id) => {
      const file = this.#workspace.files.get(id);
      return file ? [this.file(file)] : [];
    });
  }
}

/** The app's own user, as `users.info` gives it. */
export function botUser(): Wire {
  return {
    id: APP.botUserId,
    team_id: WORKSPACE.id,
    name: APP.name.toLowerCase(),
    real_name: APP.name,
    deleted: false,
    is_bot: true,
    profile: { real_name: APP.name, display_name: APP.name, bot_id: APP.botId, api_app_id: APP.appId },
  };
}

/** `user` on events and interactions. */
export function actingUser(member: Member): Wire {
  return { id: member.id, username: member.name, name: member.name, team_id: WORKSPACE.id };
}

function withCount(reaction: { name: string; users: string[] }): Wire {
  return { ...reaction, count: reaction.users.length };
}
