import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { StaffRef, Team } from '../../flows/types.ts';
import type { StaffMembers } from '../../models/staff.ts';

/** Who may act for a team, and how a person is told something that is meant for them alone. */

const MEMBERS_PER_PAGE = 200;
const membersPage = z.object({ members: z.array(z.string()) });

export type AuthorityParts = { client: WebClient; staff: StaffMembers; log: Logger };

/** The people of the team as Slack and our own record know them. */
export class Authority {
  private readonly parts: AuthorityParts;

  constructor(parts: AuthorityParts) {
    this.parts = parts;
  }

  /** Whether somebody is in a channel: a public channel's cards may be seen, and used, by people who are not. */
  async isMember(channel: string, user: string): Promise<boolean> {
    const inChannel = { channel, limit: MEMBERS_PER_PAGE };
    for await (const page of this.parts.client.paginate('conversations.members', inChannel)) {
      if (membersPage.parse(page).members.includes(user)) return true;
    }
    return false;
  }

  /** The person on record, or undefined when they no longer work here. Slack's directory is asked once. */
  async staffMember(userId: string, team: Team): Promise<StaffRef | undefined> {
    const { staff } = this.parts;
    const known = await staff.byId(userId);
    const met = known?.teams.includes(team)
      ? known
      : await staff.meet(userId, known?.name ?? ((await this.nameOf(userId)) || userId), team);
    return met.active ? { id: met._id, name: met.name } : undefined;
  }

  /** Only `user` sees it. Best effort: what they did has been taken in or refused already. */
  async whisper(channel: string, user: string, thread: string, text: string): Promise<void> {
    try {
      await this.parts.client.chat.postEphemeral({ channel, user, text, thread_ts: thread });
    } catch (error) {
      this.parts.log.warn({ err: error }, 'an ephemeral message was not shown');
    }
  }

  private async nameOf(userId: string): Promise<string> {
    try {
      const { user } = await this.parts.client.users.info({ user: userId });
      return user?.real_name ?? user?.name ?? '';
    } catch {
      // The name is a courtesy; the message must not wait for it.
      return '';
    }
  }
}
