import { totalOf } from '../flows/money/account.ts';
import { AGING_BUCKETS, agingOf } from '../flows/money/aging.ts';
import { type Day, daysBetween, momentOf } from '../flows/money/day.ts';
import { PAYMENT_PLANS } from '../flows/money/plan.ts';
import { rupees } from '../flows/money/rupees.ts';
import type { StaffRef, Team } from '../flows/types.ts';
import type { SaleCommand } from '../inbox/slack/command.ts';
import type { BookingWish, ClaimChoice, TeamSales as Given, Received } from '../inbox/slack/sales.ts';
import type { Booking } from '../models/booking.ts';
import type { Dues } from '../models/dues.ts';
import type { Models } from '../models/models.ts';
import type { Payment } from '../models/payment.ts';
import { doorOf } from '../models/unit.ts';
import type { Project } from '../templates/documents/project.ts';
import type { BookingDesk, BookingOutcome } from './bookingDesk.ts';
import type { DemandOutcome, PaymentDesk, ReceivedOutcome } from './paymentDesk.ts';

export type TeamSalesParts = {
  models: Pick<
    Models,
    'accounts' | 'bookings' | 'buyers' | 'demands' | 'leads' | 'payments' | 'projects' | 'units'
  >;
  dues: Pick<Dues, 'openDemands'>;
  projectOf: (slug: string) => Promise<Project | undefined>;
  bookingDesk: BookingDesk;
  paymentDesk: PaymentDesk;
  isInTeam: (user: string, team: Team) => Promise<boolean>;
  timeZone: string;
  now: () => Date;
};

/** Whose doing each command is. */
const TEAMS_OF: Record<SaleCommand['act'], readonly Team[]> = {
  demand: ['collections', 'operations'],
  agreement: ['legal', 'operations'],
  dues: ['collections', 'operations'],
};
const NOT_THEIRS = 'Only collections can say whether a payment has come.';
/** What a menu of Slack holds. */
const MOST_UNITS = 100;
const MOST_LISTED = 10;

/** What people do with units and their money in Slack: the desks, with every refusal in words. */
export class TeamSales implements Given {
  private readonly parts: TeamSalesParts;

  constructor(parts: TeamSalesParts) {
    this.parts = parts;
  }

  /** Carries out a command and answers it. */
  async run(command: SaleCommand, staff: StaffRef): Promise<string> {
    const teams = TEAMS_OF[command.act];
    if (!(await this.isInOne(staff.id, teams))) return `Only ${teams.join(' and ')} can do this.`;
    switch (command.act) {
      case 'demand':
        return 'unit' in command.whose
          ? this.demandOne(command.whose.unit, command)
          : this.demandTower(command.whose.tower, command);
      case 'agreement':
        return this.registerAgreement(command, staff);
      case 'dues':
        return this.listDues(command.project);
    }
  }

  async mayBook(user: string): Promise<boolean> {
    return this.isInOne(user, ['sales']);
  }

  /** What can be booked for a buyer now: the free units of the project they asked about, or of the only one. */
  async offers(buyer: string): ReturnType<Given['offers']> {
    const { models, now } = this.parts;
    const lead = await models.leads.latestOf(buyer);
    const [only, ...others] = await models.projects.onSale();
    const slug = lead?.project ?? (others.length === 0 ? only?._id : undefined);
    const project = slug === undefined ? undefined : await this.parts.projectOf(slug);
    if (!project)
      return { refusal: 'It is not known which project they want: they have no enquiry on record.' };
    if (!project.money) return { refusal: REFUSED_BOOKING.no_terms };
    const free = (await models.units.grid(project.slug, now())).filter(
      ({ status, hold }) => status === 'available' || (status === 'held' && hold?.by === buyer),
    );
    if (free.length === 0) return { refusal: `No unit of ${project.name} is free.` };
    const units = free.slice(0, MOST_UNITS).map(({ _id, number, unitType, carpetAreaSqFt }) => ({
      value: _id,
      text: `${number} · ${unitType} · ${carpetAreaSqFt.toLocaleString('en-IN')} sq ft`,
    }));
    const plans = PAYMENT_PLANS.map(({ kind, name }) => ({ value: kind, text: name }));
    return { project: project.name, units, plans };
  }

  async book({ coBuyers, ...wish }: BookingWish): ReturnType<Given['book']> {
    const { bookingDesk, models, now } = this.parts;
    if (!(await this.mayBook(wish.by.id))) return { faults: { unit: 'Only sales can book a unit.' } };
    const others: string[] = [];
    for (const phone of coBuyers) {
      const known = await models.buyers.byPhone(phone);
      if (!known)
        return { faults: { coBuyers: `Nobody is known under ${phone.slice(0, 3)}…${phone.slice(-3)}.` } };
      others.push(known._id);
    }
    const { buyer, ...order } = wish;
    const outcome = await bookingDesk.book({ ...order, buyers: [buyer, ...others] }, now());
    if (outcome.kind === 'refused')
      return { faults: { [FIELD_OF[outcome.reason] ?? 'unit']: REFUSED_BOOKING[outcome.reason] } };
    const { unit, agreementValuePaise, plan } = outcome.booking;
    return { text: `${doorOf(unit)} is booked: ${rupees(agreementValuePaise)}, ${plan.name}.` };
  }

  /** What a buyer says they paid, then each of their bookings for money that nobody has told of. */
  async claims(buyer: string): Promise<ClaimChoice[]> {
    const { models } = this.parts;
    const bookings = await models.bookings.of(buyer);
    const choices: ClaimChoice[] = [];
    for (const booking of bookings)
      for (const payment of await models.payments.claimed(booking._id))
        choices.push({ booking: booking._id, payment: payment._id, text: claimText(booking, payment) });
    const rest = bookings.map(({ _id, unit }) => ({
      booking: _id,
      text: `${doorOf(unit)}: a payment not told of`,
    }));
    return [...choices, ...rest];
  }

  async confirm(received: Received): ReturnType<Given['confirm']> {
    const { claim, staff, key, ...order } = received;
    if (!(await this.mayDecide(staff.id))) return { claim: NOT_THEIRS };
    const { booking, payment } = claim;
    const found = { ...order, booking, ...(payment !== undefined && { payment }), by: staff, key };
    const outcome = await this.parts.paymentDesk.confirm(found, this.parts.now());
    return outcome.kind === 'refused' ? refusedPayment(outcome) : undefined;
  }

  async reject({ payment, staff, reason }: Parameters<Given['reject']>[0]): Promise<string | undefined> {
    if (!(await this.mayDecide(staff.id))) return NOT_THEIRS;
    const outcome = await this.parts.paymentDesk.reject({ payment, by: staff, reason }, this.parts.now());
    if (outcome.kind !== 'refused') return undefined;
    return outcome.reason === 'confirmed'
      ? 'This payment has been confirmed, with a receipt.'
      : 'This payment is not known any more.';
  }

  /** The case of a claim may be with another team: the books are not. */
  private async mayDecide(user: string): Promise<boolean> {
    return this.isInOne(user, ['collections']);
  }

  private async isInOne(user: string, teams: readonly Team[]): Promise<boolean> {
    for (const team of teams) if (await this.parts.isInTeam(user, team)) return true;
    return false;
  }

  private async demandOne(
    unit: string,
    { milestone, certificate, project }: Extract<SaleCommand, { act: 'demand' }>,
  ): Promise<string> {
    const booking = await this.bookingOf(unit, project);
    if (typeof booking === 'string') return booking;
    const order = { booking: booking._id, milestone, ...(certificate && { certificate }) };
    return demandText(unit, booking, await this.parts.paymentDesk.raise(order, this.parts.now()));
  }

  /** First how many would be asked, and for how much; then, confirmed, each for itself. */
  private async demandTower(
    tower: string,
    command: Extract<SaleCommand, { act: 'demand' }>,
  ): Promise<string> {
    const { milestone, certificate, isConfirmed } = command;
    const asked = await this.toBeAsked(tower, milestone, command.project);
    if (typeof asked === 'string') return asked;
    const { bookings, alreadyAsked } = asked;
    const before = alreadyAsked > 0 ? ` ${alreadyAsked} were asked before.` : '';
    if (bookings.length === 0)
      return `Nobody of tower ${tower} is left to be asked for ${milestone}.${before}`;
    if (!isConfirmed) {
      const sumPaise = bookings.reduce((total, each) => total + (instalmentPaise(each, milestone) ?? 0), 0);
      const most = bookings.slice(0, MOST_LISTED).map(({ unit }) => doorOf(unit));
      const more = bookings.length > most.length ? ` and ${bookings.length - most.length} more` : '';
      return (
        `${bookings.length} of tower ${tower} would be asked for ${milestone}: ${most.join(', ')}${more}; ` +
        `${rupees(sumPaise)} in all, GST not counted.${before} Each gets a demand letter. ` +
        'To do it, type the same again with “confirm” at its end.'
      );
    }
    const results = new Map<string, string[]>();
    for (const booking of bookings) {
      const order = { booking: booking._id, milestone, ...(certificate && { certificate }) };
      const outcome = await this.parts.paymentDesk.raise(order, this.parts.now());
      const what = outcome.kind === 'refused' ? refusedDemand(outcome) : outcome.kind;
      results.set(what, [...(results.get(what) ?? []), doorOf(booking.unit)]);
    }
    const lines = [...results].map(
      ([what, units]) => `${what}: ${units.length} (${units.slice(0, MOST_LISTED).join(', ')})`,
    );
    return `Demands for ${milestone}, tower ${tower}. ${lines.join('; ')}.${before}`;
  }

  private async toBeAsked(
    tower: string,
    milestone: string,
    project: string | undefined,
  ): Promise<string | { bookings: Booking[]; alreadyAsked: number }> {
    const { models, now } = this.parts;
    const slug = await this.projectMeant(project);
    if (!slug) return 'There are several projects: please add project:<name>.';
    const units = await models.units.grid(slug, now());
    const inTower = new Set(units.filter((unit) => unit.tower.toUpperCase() === tower).map(({ _id }) => _id));
    if (inTower.size === 0) return `${slug} has no tower ${tower}.`;
    const sold = (await models.bookings.ofProject(slug)).filter(({ unit }) => inTower.has(unit));
    const planned = sold.filter((booking) => instalmentPaise(booking, milestone) !== undefined);
    const accounts = await models.accounts.several(planned.map(({ _id }) => _id));
    const bookings = planned.filter(
      ({ _id }) =>
        !accounts
          .get(_id)
          ?.demands.some((each) => each.milestone === milestone && each.status !== 'withdrawn'),
    );
    return { bookings, alreadyAsked: planned.length - bookings.length };
  }

  private async registerAgreement(
    { unit, date, project }: Extract<SaleCommand, { act: 'agreement' }>,
    by: StaffRef,
  ): Promise<string> {
    const booking = await this.bookingOf(unit, project);
    if (typeof booking === 'string') return booking;
    const order = { booking: booking._id, registeredOn: date, by };
    const outcome = await this.parts.bookingDesk.registerAgreement(order, this.parts.now());
    const on = 'booking' in outcome ? outcome.booking.agreement?.registeredOn : undefined;
    switch (outcome.kind) {
      case 'registered':
        return `The agreement of ${unit} is on record as registered on ${on}.`;
      case 'known':
        return `The agreement of ${unit} was on record before, as registered on ${on}. The first statement stands.`;
      case 'refused':
        return {
          no_booking: `${unit} is not sold.`,
          bad_day: `${date} is not a day.`,
          in_future: `${date} is in the future: an agreement is registered once it has been.`,
          before_booking: `${date} is before the day on which ${unit} was booked.`,
        }[outcome.reason];
    }
  }

  /** What is to be paid, by how long it has been due; then what has been due longest. */
  private async listDues(project: string | undefined): Promise<string> {
    const { dues, now, timeZone } = this.parts;
    const today = momentOf(now(), timeZone).on;
    const open: { unit: string; dueOn: Day; outstandingPaise: number; isClaimed: boolean }[] = [];
    for await (const batch of dues.openDemands({ before: '9999-12-31', ...(project && { project }) }))
      for (const { unit, dueOn, duePaise, isClaimed } of batch)
        open.push({ unit, dueOn, outstandingPaise: duePaise, isClaimed });
    if (open.length === 0) return `Nothing is due${project ? ` for ${project}` : ''}.`;
    const aging = agingOf(open, today);
    const buckets = AGING_BUCKETS.filter((bucket) => aging[bucket] > 0).map(
      (bucket) => `• ${bucket === 'current' ? 'not due yet' : `${bucket} days`}: ${rupees(aging[bucket])}`,
    );
    const longest = open
      .filter(({ dueOn }) => dueOn < today)
      .sort((one, other) => (one.dueOn < other.dueOn ? -1 : 1))
      .slice(0, MOST_LISTED)
      .map(({ unit, dueOn, outstandingPaise, isClaimed }) => {
        const since = `${rupees(outstandingPaise)} since ${daysBetween(dueOn, today)} days`;
        return `• ${unit}: ${since}${isClaimed ? ', says they have paid' : ''}`;
      });
    return [
      `To be paid${project ? ` for ${project}` : ''}, TDS not counted:`,
      ...buckets,
      ...(longest.length > 0 ? ['Due longest:', ...longest] : []),
    ].join('\n');
  }

  /** The booking of a unit, or in words why none is meant. */
  private async bookingOf(door: string, project: string | undefined): Promise<Booking | string> {
    const { models } = this.parts;
    const slugs = project === undefined ? (await models.projects.onSale()).map(({ _id }) => _id) : [project];
    const units = (await Promise.all(slugs.map((slug) => models.units.byId(`${slug}/${door}`)))).flatMap(
      (unit) => unit ?? [],
    );
    const [unit, ...others] = units;
    if (!unit) return `No unit ${door} is known${project ? ` in ${project}` : ''}.`;
    if (others.length > 0) return `Several projects have a ${door}: please add project:<name>.`;
    return (await models.bookings.ofUnit(unit._id)) ?? `${door} is not sold.`;
  }

  private async projectMeant(project: string | undefined): Promise<string | undefined> {
    if (project !== undefined) return project;
    const [only, ...others] = await this.parts.models.projects.onSale();
    return others.length === 0 ? only?._id : undefined;
  }
}

type RefusedBooking = Extract<BookingOutcome, { kind: 'refused' }>['reason'];

const REFUSED_BOOKING: Record<RefusedBooking, string> = {
  unit_taken: 'This unit has just been taken. Please choose another one.',
  unit_unknown: 'This unit is not known any more.',
  no_plan: 'This plan is not known.',
  no_terms: 'The project has no terms of sale on record: no account, no days to pay.',
  no_price: 'A price per square foot is more than nothing, discount included.',
  no_buyer: 'The buyer is not known any more.',
};
const FIELD_OF: Partial<Record<RefusedBooking, string>> = { no_plan: 'plan', no_price: 'price' };

function demandText(unit: string, booking: Booking, outcome: DemandOutcome): string {
  if (outcome.kind === 'refused') return `${unit}: ${refusedDemand(outcome)}`;
  const { demand } = outcome;
  const sum = `${rupees(totalOf(demand))} with GST, by ${demand.dueOn}`;
  const known =
    outcome.kind === 'known' ? ' It stood already: nothing was sent again.' : ' The letter is on its way.';
  return `${doorOf(booking.unit)}: demand ${demand._id} for ${demand.milestone}, ${sum}.${known}`;
}

function refusedDemand(outcome: Extract<DemandOutcome, { kind: 'refused' }>): string {
  switch (outcome.reason) {
    case 'above_cap':
      return `before the agreement is registered at most ${rupees(outcome.mostPaise)} may be asked for in all (RERA Act s. 13(1))`;
    case 'missing_rate':
      return `a rate is missing: ${outcome.missing}. A person has to find it first`;
    case 'no_certificate':
      return 'this milestone needs a certificate: add certificate:"<architect or engineer>",<day>';
    case 'certificate_in_future':
      return 'the certificate is dated in the future';
    case 'bad_certificate_day':
      return 'the day of the certificate is not one';
    case 'no_milestone':
      return 'its plan has no such milestone';
    case 'no_booking':
      return 'it is not sold';
    case 'no_terms':
      return REFUSED_BOOKING.no_terms;
  }
}

function refusedPayment(outcome: Extract<ReceivedOutcome, { kind: 'refused' }>): Record<string, string> {
  switch (outcome.reason) {
    case 'above_cap':
      return {
        amount: `Before the agreement is registered at most ${rupees(outcome.mostPaise)} of the price may be taken in all (RERA Act s. 13(1)): register it first, or give this back.`,
      };
    case 'in_future':
      return { received: 'This day is in the future.' };
    case 'bad_day':
      return { received: 'Please choose a day.' };
    case 'utr_used':
      return {
        reference: outcome.claim.isOwn
          ? 'Another payment of this booking has this reference.'
          : 'A payment of another booking has this reference.',
      };
    case 'rejected':
      return { claim: 'This payment was found missing before; what came in since is a payment not told of.' };
    case 'no_payment':
    case 'no_booking':
      return { claim: 'This is not known any more.' };
  }
}

function claimText({ unit }: Booking, { amountPaise, utr, paidOn }: Payment): string {
  const sum = amountPaise > 0 ? rupees(amountPaise) : 'no amount';
  const told = [sum, utr && `ref. ${utr}`, paidOn && `on ${paidOn}`].filter(Boolean).join(', ');
  return `${doorOf(unit)}: told of ${told}`.slice(0, 75);
}

function instalmentPaise({ plan }: Booking, milestone: string): number | undefined {
  return plan.instalments.find((each) => each.milestone === milestone)?.amountPaise;
}
