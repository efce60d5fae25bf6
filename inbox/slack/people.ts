import type { Logger } from 'pino';
import type { StaffRef, Team } from '../../flows/types.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Authority } from './authority.ts';

/** A person who works here, with the teams in whose channels they are. */
export type TeamMember = StaffRef & { teams: Team[] };

export type PeopleParts = {
  authority: Authority;
  staff: StaffMembers;
  channelOf: Record<Team, string>;
  now: () => Date;
  log: Logger;
};

/** Somebody who has left a channel may still look into its lists for so long. */
const KNOWN_FOR_MS = 60_000;
const MOST_KNOWN = 1_000;

/** Who somebody is outside of any case: in commands, shortcuts and Home. */
export class People {
  private readonly parts: PeopleParts;
  private readonly known = new Map<string, { member: TeamMember; until: Date }>();

  constructor(parts: PeopleParts) {
    this.parts = parts;
  }

  /** The person, or undefined when they are neither active staff on record nor in a channel of a team. */
  async member(user: string): Promise<TeamMember | undefined> {
    const now = this.parts.now();
    const known = this.known.get(user);
    if (known && known.until > now) return known.member;
    const member = await this.find(user);
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    if (member) this.known.set(user, { member, until: new Date(now.getTime() + KNOWN_FOR_MS) });
    else this.known.delete(user);
    return member;
  }

  /** Who may use what this person may not, in words. */
  whoMay(): string {
    const channels = [...new Set(Object.values(this.parts.channelOf))].map((id) => `<#${id}>`);
    return `This is for the team: active staff, and members of ${channels.join(', ')}. Ask someone there to add you.`;
  }

  private async find(user: string): Promise<TeamMember | undefined> {
    const { staff, authority } = this.parts;
    const onRecord = await staff.byId(user);
    if (onRecord && !onRecord.active) return undefined;
    const teams = await this.teamsOf(user, onRecord?.teams ?? []);
    const [first] = teams;
    if (onRecord) return { id: user, name: onRecord.name, teams };
    const met = first && (await authority.staffMember(user, first));
    return met && { ...met, teams };
  }

  /** The teams in whose channels they are; while Slack does not say, and for those who are in none, as on record. */
  private async teamsOf(user: string, onRecord: Team[]): Promise<Team[]> {
    const { authority, channelOf, log } = this.parts;
    const channels = [...new Set(Object.values(channelOf))];
    const isIn = await Promise.all(
      channels.map((channel) =>
        authority.isMember(channel, user).catch((error: unknown) => {
          log.warn({ err: error, channel }, 'Slack did not say who is in a channel');
          return undefined;
        }),
      ),
    );
    const inside = new Set(channels.filter((_channel, index) => isIn[index]));
    const teams = (Object.keys(channelOf) as Team[]).filter((team) => inside.has(channelOf[team]));
    const isSure = isIn.every((each) => each !== undefined);
    return isSure && teams.length > 0 ? teams : [...new Set([...teams, ...onRecord])];
  }
}
