import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { StaffRef, Team } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { StaffMembers } from '../../models/staff.ts';
import { escaped } from './blocks.ts';

/** Who may act for a team, and how a person is told something that is meant for them alone. */

const MEMBERS_PER_PAGE = 200;
/** Whoever was a member so recently still counts as one: a press has three seconds for everything. */
const MEMBER_FRESH_MS = 20_000;
const membersPage = z.object({ members: z.array(z.string()).default([]) });

export type AuthorityParts = {
  client: WebClient;
  staff: StaffMembers;
  channelOf: Record<Team, string>;
  now: () => Date;
  log: Logger;
};

/** The person who may act, or in words why not and who can. */
export type Permission = { staff: StaffRef } | { refusal: string };

/** The people of the team as Slack and our own record know them. */
export class Authority {
  private readonly parts: AuthorityParts;
  /** `<channel>/<user>` and until when they count as a member unasked. */
  private readonly members = new Map<string, Date>();

  constructor(parts: AuthorityParts) {
    this.parts = parts;
  }

  /** Active staff who are in the channel of the case's team, or lead that team, may act on it. */
  async permit(found: Case, userId: string): Promise<Permission> {
    const channel = found.slack?.channel ?? this.parts.channelOf[found.team];
    const mayAct = (await this.isMember(channel, userId)) || (await this.leads(userId, found.team));
    // A stranger is not put on record for having tried.
    const staff = mayAct ? await this.staffMember(userId, found.team) : undefined;
    if (staff) return { staff };
    const whom = await this.whomToAsk(found, userId);
    return {
      refusal: `Only active members of <#${channel}> can act on ${found.ticket}: please ask ${whom}.`,
    };
  }

  /** The person on record, when they are active staff in the channel of a team, or lead it. */
  async permitFor(team: Team, userId: string): Promise<StaffRef | undefined> {
    const channel = this.parts.channelOf[team];
    const mayAct = (await this.isMember(channel, userId)) || (await this.leads(userId, team));
    return mayAct ? this.staffMember(userId, team) : undefined;
  }

  /** Whether somebody is in a channel: a public channel's cards may be seen, and used, by people who are not. */
  async isMember(channel: string, user: string): Promise<boolean> {
    const key = `${channel}/${user}`;
    const now = this.parts.now();
    const freshUntil = this.members.get(key);
    if (freshUntil && freshUntil > now) return true;
    this.members.delete(key);
    const inChannel = { channel, limit: MEMBERS_PER_PAGE };
    let isAnybodyNamed = false;
    for await (const page of this.parts.client.paginate('conversations.members', inChannel)) {
      const { members } = membersPage.parse(page);
      isAnybodyNamed ||= members.length > 0;
      if (!members.includes(user)) continue;
      this.members.set(key, new Date(now.getTime() + MEMBER_FRESH_MS));
      return true;
    }
    // Our own app is in the channel: a list of nobody says nothing, and who sees a card is taken for a member.
    return !isAnybodyNamed;
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
  async whisper(channel: string, user: string, thread: string, text: string): Promise<boolean> {
    try {
      await this.parts.client.chat.postEphemeral({ channel, user, text, thread_ts: thread });
      return true;
    } catch (error) {
      this.parts.log.warn({ err: error }, 'an ephemeral message was not shown');
      return false;
    }
  }

  private async leads(userId: string, team: Team): Promise<boolean> {
    const known = await this.parts.staff.byId(userId);
    return known?.leadOf?.includes(team) ?? false;
  }

  private async whomToAsk({ owner, team }: Case, asking: string): Promise<string> {
    if (owner && owner.id !== asking) return `${escaped(owner.name)}, who has it`;
    const lead = (await this.parts.staff.leadsOf(team)).find(({ _id }) => _id !== asking);
    return lead ? `${escaped(lead.name)}, who leads the team` : 'somebody there';
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
