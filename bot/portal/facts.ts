import { type Demand, totalOf } from '../../flows/money/account.ts';
import { type Day, dayOf } from '../../flows/money/day.ts';
import type { Dues } from '../../flows/money/dues.ts';
import type { Booking } from '../../models/booking.ts';
import type { VaultDocument } from '../../models/document.ts';
import type { Models } from '../../models/models.ts';
import type { Payment } from '../../models/payment.ts';
import { doorOf, type Unit } from '../../models/unit.ts';
import type { Visit } from '../../models/visit.ts';
import type { Project } from '../../templates/documents/project.ts';
import type { Folder } from '../documents/folders.ts';
import type { PaperDesk, VisitBook } from './desks.ts';

/** A booked home with where it stands: what the buyer's pages are made from. */
export type BookedHome = {
  booking: Booking;
  /** As on the door: `B-1203`. */
  number: string;
  unit: Unit | undefined;
  project: Project | undefined;
  dues: Dues;
  demands: Demand[];
  payments: Payment[];
  folder: Folder | undefined;
};

/** Everything that one buyer may see. */
export type BuyerFacts = {
  buyer: { id: string; name: string; phone: string };
  homes: BookedHome[];
  visits: Visit[];
  /** On sale, or booked, or visited: by slug. */
  projects: Map<string, Project>;
  documents: VaultDocument[];
  /** Names of all applicants, by buyer. */
  names: Map<string, string>;
  now: Date;
  today: Day;
  timeZone: string;
};

export type FactsParts = {
  models: Pick<Models, 'accounts' | 'buyers' | 'demands' | 'documents' | 'payments' | 'units'>;
  papers: PaperDesk;
  visits: VisitBook;
  /** On sale or not; undefined when its record cannot be read. */
  projectOf: (slug: string) => Promise<Project | undefined>;
  projectsOnSale: () => Promise<Project[]>;
  timeZone: string;
};

/** Reads what belongs to a buyer, and nothing else: every page is drawn from this alone. */
export async function factsOf(parts: FactsParts, buyer: string, now: Date): Promise<BuyerFacts | undefined> {
  const { models, papers, visits, timeZone } = parts;
  const today = dayOf(now, timeZone);
  const [person, handles, booked, folders, visited, documents] = await Promise.all([
    models.buyers.byId(buyer),
    models.buyers.handlesOf(buyer),
    models.demands.duesOfBuyer(buyer, today),
    papers.ofBuyer(buyer),
    visits.visitsOf(buyer),
    models.documents.ofBuyer(buyer),
  ]);
  if (!person) return undefined;
  const slugs = [...booked.map(({ booking }) => booking.project), ...visited.map(({ project }) => project)];
  const projects = await projectsOf(parts, slugs);
  const homes = await Promise.all(
    booked.map(async ({ booking, dues }) => ({
      booking,
      dues,
      number: doorOf(booking.unit),
      unit: await models.units.byId(booking.unit),
      project: projects.get(booking.project),
      demands: (await models.accounts.of(booking._id)).demands,
      payments: await models.payments.ofBooking(booking._id),
      folder: folders.find((folder) => folder.booking._id === booking._id),
    })),
  );
  const names = await models.buyers.namesOf(homes.flatMap(({ booking }) => booking.buyers));
  const phone = handles.find((handle) => handle.startsWith('pn:'))?.slice(3) ?? '';
  const whose = { id: person._id, name: person.name, phone };
  return { buyer: whose, homes, visits: visited, projects, documents, names, now, today, timeZone };
}

/** The buyer's next visit, if one is booked. */
export function nextVisit({ visits, now }: Pick<BuyerFacts, 'visits' | 'now'>): Visit | undefined {
  return upcomingVisits({ visits, now })[0];
}

/** Visits that are booked and still to come, soonest first. */
export function upcomingVisits({ visits, now }: Pick<BuyerFacts, 'visits' | 'now'>): Visit[] {
  return visits
    .filter(({ status, at }) => status === 'booked' && at >= now)
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** What the buyer pays of a booking today: without what only a TDS certificate settles. */
export function payableOf({ outstanding }: Dues): number {
  return outstanding.reduce((total, each) => total + each.outstandingPaise - each.tdsAwaitedPaise, 0);
}

/** Of that, what is past its date. */
export function latePaise({ outstanding }: Dues): number {
  return outstanding
    .filter(({ isOverdue }) => isOverdue)
    .reduce((total, each) => total + each.outstandingPaise - each.tdsAwaitedPaise, 0);
}

/** What was asked for. */
export function askedPaise(demand: Demand): number {
  return totalOf(demand);
}

async function projectsOf(parts: FactsParts, slugs: string[]): Promise<Map<string, Project>> {
  const projects = new Map((await parts.projectsOnSale()).map((project) => [project.slug, project]));
  for (const slug of new Set(slugs)) {
    const project = projects.get(slug) ?? (await parts.projectOf(slug));
    if (project) projects.set(slug, project);
  }
  return projects;
}
