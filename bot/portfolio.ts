import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Facts, Language, ProjectFacts } from '../flows/types.ts';
import type { Projects } from '../models/project.ts';
import { type Guide, holdsOf, type Visits } from '../models/visit.ts';
import { renderBrochure } from '../templates/documents/brochure.ts';
import { type Project, projectSchema } from '../templates/documents/project.ts';
import { guidesAt, ledSlots, visitingHours } from './calendar.ts';

const PROJECTS_FRESH_MS = 30_000;
const SLOTS_FRESH_MS = 5_000;
/** Further ahead than any slot that is offered. */
const COUNTED_DAYS = 15;

type Slots = { at: number; open: Date[] };

/** What is on sale, when it can be visited and what it looks like on paper; kept at hand for a moment. */
export class Portfolio {
  private readonly projects: Projects;
  private readonly visits: Visits;
  private readonly timeZone: string;
  private readonly log: Logger;
  private loaded: { at: number; projects: Project[] } | undefined;
  private readonly slots = new Map<string, Slots>();
  private readonly brochures = new Map<string, Promise<Buffer>>();

  constructor(projects: Projects, visits: Visits, timeZone: string, log: Logger) {
    this.projects = projects;
    this.visits = visits;
    this.timeZone = timeZone;
    this.log = log;
  }

  /** What flows may know for certain at `now`. */
  async facts(buyerName: string, now: Date): Promise<Omit<Facts, 'hours' | 'bookings'>> {
    const projects = await this.onSale(now);
    const openSlots: Facts['openSlots'] = {};
    for (const project of projects) openSlots[project.slug] = await this.openSlots(project, now);
    return { projects: projects.map(factsOf), openSlots, buyerName, timeZone: this.timeZone };
  }

  /** A project on sale, or undefined. */
  async project(slug: string, now: Date): Promise<Project | undefined> {
    return (await this.onSale(now)).find((each) => each.slug === slug);
  }

  /** A project that was ever published, on sale or not: whoever has booked there stays its buyer. */
  async published(slug: string, now: Date): Promise<Project | undefined> {
    const onSale = await this.project(slug, now);
    if (onSale) return onSale;
    const record = await this.projects.byId(slug);
    return record && this.readable(slug, record.facts)[0];
  }

  /** Seats in the slot that begins at `at`; 0 when no visit begins then, or not in time any more. */
  seats(project: Project, at: Date, now: Date): number {
    const isSlot = ledSlots(project, now, this.timeZone).some((slot) => slot.getTime() === at.getTime());
    return isSlot ? project.visits.capacity : 0;
  }

  /** Who may lead a visit at `at`, whoever has least to do that day first. */
  async guides(project: Project, at: Date): Promise<Guide[]> {
    const guides = guidesAt(project, at, this.timeZone);
    const keys = guides.flatMap(({ key }) => key ?? []);
    if (keys.length < 2) return guides;
    const day = DateTime.fromJSDate(at, { zone: this.timeZone }).startOf('day');
    const load = await this.visits.loadOf(keys, day.toJSDate(), day.plus({ days: 1 }).toJSDate());
    const loadOf = ({ key = '' }: Guide) => load.get(key) ?? 0;
    return guides.sort((one, other) => loadOf(one) - loadOf(other));
  }

  /** Free slots of a project on sale as they are at this very moment, soonest first; none of any other. */
  async freeSlots(slug: string, now: Date): Promise<Date[]> {
    const project = await this.project(slug, now);
    return project ? this.countFree(project, now) : [];
  }

  /** Slots must be counted again: one was booked or freed. */
  slotsChanged(slug: string): void {
    this.slots.delete(slug);
  }

  /** Makes today's brochures in one language ahead of the first enquiry, which would otherwise wait for it. */
  async warm(language: Language, now: Date): Promise<void> {
    for (const project of await this.onSale(now)) await this.brochure(project, language, now);
  }

  /** The brochure as it stands today; made once per project, language and day. */
  async brochure(project: Project, language: Language, now: Date): Promise<Buffer> {
    const issuedOn = DateTime.fromJSDate(now, { zone: this.timeZone }).startOf('day').toJSDate();
    const key = `${language} ${issuedOn.toISOString()} ${JSON.stringify(project)}`;
    const made = this.brochures.get(key) ?? renderBrochure(project, { language, issuedOn });
    if (!this.brochures.has(key)) {
      if (this.brochures.size >= 30) this.brochures.clear();
      this.brochures.set(key, made);
      made.catch(() => this.brochures.delete(key));
    }
    return made;
  }

  /** Every project on sale. */
  async onSale(now: Date): Promise<Project[]> {
    if (this.loaded && Math.abs(now.getTime() - this.loaded.at) < PROJECTS_FRESH_MS)
      return this.loaded.projects;
    const records = await this.projects.onSale();
    const projects = records.flatMap((record) => this.readable(record._id, record.facts));
    this.loaded = { at: now.getTime(), projects };
    return projects;
  }

  /** One damaged record must not silence the others. */
  private readable(slug: string, facts: unknown): Project[] {
    const parsed = projectSchema.safeParse(facts);
    if (parsed.success) return [parsed.data];
    this.log.error(
      { project: slug, reason: z.prettifyError(parsed.error) },
      'a project on sale cannot be read',
    );
    return [];
  }

  private async openSlots(project: Project, now: Date): Promise<Date[]> {
    const known = this.slots.get(project.slug);
    if (known && Math.abs(now.getTime() - known.at) < SLOTS_FRESH_MS) return known.open;
    const open = await this.countFree(project, now);
    this.slots.set(project.slug, { at: now.getTime(), open });
    return open;
  }

  private async countFree(project: Project, now: Date): Promise<Date[]> {
    const { slug, visits, associates } = project;
    const until = new Date(now.getTime() + COUNTED_DAYS * 86_400_000);
    const taken = await this.visits.takenSeats(slug, now, until);
    const keys = (associates ?? []).map(({ name, staff }) => staff ?? `${slug}/${name}`);
    const held = keys.length > 0 ? await this.visits.heldTime(keys, now, until) : new Set<string>();
    const isFree = (at: Date, { key }: Guide) =>
      !key || !holdsOf(key, at, visits.slotMinutes).some((piece) => held.has(piece));
    return ledSlots(project, now, this.timeZone).filter(
      (at) =>
        (taken.get(at.getTime()) ?? 0) < visits.capacity &&
        guidesAt(project, at, this.timeZone).some((guide) => isFree(at, guide)),
    );
  }
}

/** What flows may know of a project. */
export function factsOf(project: Project): ProjectFacts {
  return {
    slug: project.slug,
    name: project.name,
    reraNumber: project.reraNumber,
    address: project.address,
    mapUrl: project.mapUrl,
    configurations: project.configurations,
    associate: project.associate.name,
    visitMinutes: project.visits.slotMinutes,
    visiting: visitingHours(project),
  };
}
