import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Buyers } from '../../models/buyer.ts';
import type { Case } from '../../models/case.ts';
import type { CaseLists, HomeListName, Viewer } from '../../models/caseLists.ts';
import type { Home, Homes } from '../../models/home.ts';
import type { Visits } from '../../models/visit.ts';
import {
  casesOf,
  dayOf,
  HOME_MILESTONES,
  HOME_REFRESH,
  HOME_ROWS,
  type HomeContent,
  homeView,
  strangerView,
  type VisitRow,
} from './homeView.ts';
import { Lines } from './lines.ts';
import type { CardLinks } from './links.ts';
import type { ListenerParts, TeamMilestones } from './listening.ts';
import type { People } from './people.ts';
import { isHashConflict, readFailure } from './posts.ts';

export type HomeParts = {
  client: WebClient;
  homes: Homes;
  people: People;
  lists: CaseLists;
  links: CardLinks;
  buyers: Buyers;
  visits: Visits;
  milestoneDebt: TeamMilestones;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** Cases come to be at risk by time alone: so often it is looked at without any change. */
const LOOK_EVERY_MS = 5 * 60_000;

const opened = z.object({ user: z.string(), tab: z.string().default('home'), view: z.unknown().optional() });
const pressed = z.object({ user: z.object({ id: z.string() }) });

/** Takes in who opens the Home tab, and its button. */
export function listenToHome({ app, homes }: ListenerParts): void {
  app.event('app_home_opened', async ({ event }) => {
    const { user, tab, view } = opened.parse(event);
    if (tab === 'home') await homes.opened(user, view === undefined);
  });
  app.action(HOME_REFRESH, async ({ ack, body }) => {
    await homes.opened(pressed.parse(body).user.id, false);
    await ack();
  });
}

/** Home tabs: published when they are opened, and again when what they show has changed. */
export class HomeTabs {
  private readonly parts: HomeParts;
  private readonly lines = new Lines();

  constructor(parts: HomeParts) {
    this.parts = parts;
  }

  /** Somebody looks at their tab. `isBlank`: Slack shows them nothing of ours. Publishing is not waited for. */
  async opened(user: string, isBlank: boolean): Promise<void> {
    await this.parts.homes.open(user, this.parts.now(), isBlank);
    void this.refresh(user);
  }

  /** A case has changed: whoever is shown it, or may be, is owed a look. */
  async caseChanged({ _id: id, team }: Pick<Case, '_id' | 'team'>): Promise<void> {
    await this.parts.homes.caseChanged({ id, team }, this.parts.now());
  }

  /** Shows a person how things stand, when that is not what they see already. A failure is kept and tried again. */
  async refresh(user: string): Promise<void> {
    await this.lines.run(user, async () => {
      try {
        await this.look(user);
      } catch (error) {
        await this.tryLater(user, error);
      }
    });
  }

  private async look(user: string): Promise<void> {
    const { homes, people, links, now, timeZone } = this.parts;
    const at = now();
    const home = await homes.look(user, at, new Date(at.getTime() + LOOK_EVERY_MS));
    if (!home) return;
    const member = await people.member(user);
    if (!member) return this.publish(home, strangerView(people.whoMay()), { teams: [], cases: [] });
    const content = await this.contentFor(member, at);
    const cases = casesOf(content);
    const view = homeView(content, { links: await links.to(cases), now: at, timeZone });
    await this.publish(home, view, { teams: member.teams, cases: cases.map(({ _id }) => _id) });
  }

  private async publish(
    { _id: user, hash: shownHash, viewHash }: Home,
    view: ReturnType<typeof homeView>,
    found: Pick<Home, 'teams' | 'cases'>,
  ): Promise<void> {
    const { client, homes, now } = this.parts;
    const hash = createHash('sha256').update(JSON.stringify(view)).digest('hex');
    if (hash === shownHash) return homes.seen(user, found);
    const published = await client.views.publish({
      user_id: user,
      view,
      ...(viewHash && { hash: viewHash }),
    });
    const newHash = published.view?.hash;
    await homes.seen(user, found, { hash, publishedAt: now(), ...(newHash && { viewHash: newHash }) });
  }

  /** After a race, or when the answer to our publishing was lost, Slack's word for what it shows is asked anew. */
  private async tryLater(user: string, error: unknown): Promise<void> {
    const { homes, now, log } = this.parts;
    const { code, retryAfterMs } = readFailure(error);
    const isRace = isHashConflict(error);
    log.warn({ code, retryAfterMs, isRace, err: error }, 'a Home tab was not published; it is tried again');
    await homes.lookAgain(user, new Date(now().getTime() + retryAfterMs), isRace).catch((cause: unknown) => {
      log.error({ err: cause }, 'a Home tab that failed could not be put off');
    });
  }

  private async contentFor(viewer: Viewer, now: Date): Promise<HomeContent> {
    const list = (name: HomeListName) => this.casesIn(name, viewer, now);
    const [mine, unassigned, snoozed, atRisk, visits, promises, debt] = await Promise.all([
      list('mine'),
      list('unassigned'),
      list('snoozed'),
      list('atRisk'),
      this.visitsOn(now),
      this.promisesOn(viewer, now),
      this.debt(),
    ]);
    return { mine, unassigned, snoozed, atRisk, visits, promises, debt };
  }

  private async casesIn(name: HomeListName, viewer: Viewer, now: Date): Promise<HomeContent['mine']> {
    const { lists } = this.parts;
    const [rows, count] = await Promise.all([
      lists.page(name, viewer, now, HOME_ROWS),
      lists.count(name, viewer, now),
    ]);
    return { count: Math.max(count, rows.length), rows };
  }

  private async visitsOn(now: Date): Promise<HomeContent['visits']> {
    const { visits, buyers, lists, timeZone } = this.parts;
    const { from, to } = dayOf(now, timeZone);
    const [booked, count] = await Promise.all([
      visits.booked(from, to, HOME_ROWS),
      visits.countBooked(from, to),
    ]);
    const ids = booked.map(({ buyer }) => buyer);
    const [names, open] = await Promise.all([buyers.namesOf(ids), lists.openOf(ids)]);
    const rows = booked.map(
      (visit): VisitRow => ({
        visit,
        name: names.get(visit.buyer) ?? '',
        found: open.find(({ buyer, team }) => buyer === visit.buyer && team === 'sales'),
      }),
    );
    return { count: Math.max(count, rows.length), rows };
  }

  private async debt(): Promise<HomeContent['debt']> {
    const { milestoneDebt } = this.parts;
    const [teams, oldest] = await Promise.all([milestoneDebt.debt(), milestoneDebt.late(HOME_MILESTONES)]);
    return { teams, oldest };
  }

  private async promisesOn({ teams }: Viewer, now: Date): Promise<HomeContent['promises']> {
    const { from, to } = dayOf(now, this.parts.timeZone);
    const promised = await this.parts.lists.promised(teams, from, to);
    return { count: promised.length, rows: promised.slice(0, HOME_ROWS) };
  }
}
