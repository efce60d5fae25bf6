import type { Logger } from 'pino';
import { z } from 'zod';
import { officeHours } from '../flows/hours.ts';
import { TEAMS, type Team, type WorkingHours } from '../flows/types.ts';
import type { Teams } from '../models/team.ts';
import { setupOf, type TeamSetup, teamSchema } from './teamFile.ts';

const FRESH_MS = 30_000;

type Book = Record<Team, TeamSetup>;

/** The teams as they were published, or as they work until they are; kept at hand for a moment. */
export class TeamBook {
  private readonly teams: Teams;
  private readonly timeZone: string;
  private readonly log: Logger;
  private loaded: { at: number; book: Book } | undefined;

  constructor(teams: Teams, timeZone: string, log: Logger) {
    this.teams = teams;
    this.timeZone = timeZone;
    this.log = log;
  }

  /** One team: without a file at work Monday to Saturday, 10:00 to 19:00, with no lead and nobody to assign to. */
  async team(team: Team, now: Date): Promise<TeamSetup> {
    return (await this.book(now))[team];
  }

  /** When each team is at work, for those who decide. */
  async hours(now: Date): Promise<Record<Team, WorkingHours>> {
    const book = await this.book(now);
    return Object.fromEntries(TEAMS.map((team) => [team, book[team].hours])) as Record<Team, WorkingHours>;
  }

  private async book(now: Date): Promise<Book> {
    if (this.loaded && Math.abs(now.getTime() - this.loaded.at) < FRESH_MS) return this.loaded.book;
    const book = Object.fromEntries(TEAMS.map((team) => [team, this.unpublished(team)])) as Book;
    for (const { _id: team, file } of await this.teams.published()) {
      const setup = this.readable(team, file);
      if (setup) book[team] = setup;
    }
    this.loaded = { at: now.getTime(), book };
    return book;
  }

  private unpublished(team: Team): TeamSetup {
    return { team, hours: officeHours(this.timeZone), members: [], routes: [] };
  }

  /** One damaged record must not silence the other teams, nor this one. */
  private readable(team: Team, file: unknown): TeamSetup | undefined {
    const parsed = teamSchema.safeParse(file);
    if (parsed.success) return setupOf(parsed.data, this.timeZone);
    this.log.error({ team, reason: z.prettifyError(parsed.error) }, 'a published team cannot be read');
    return undefined;
  }
}
