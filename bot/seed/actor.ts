import { randomUUID } from 'node:crypto';
import type { DocumentKind } from '../../flows/kyc/documents.ts';
import { dayOf } from '../../flows/money/day.ts';
import type { CaseOutcome, StaffRef, Team } from '../../flows/types.ts';
import type { Booking } from '../../models/booking.ts';
import { specimen } from '../../templates/documents/specimen.ts';
import type { PhoneMessage } from '../channels/sandbox/message.ts';
import type { SandboxChannel } from '../channels/sandbox/sandboxChannel.ts';
import type { Context } from '../context.ts';
import type { Person } from './people.ts';
import type { Clock } from './player.ts';

/** Who answers for each team in the demonstration: people of the local Slack. */
const TEAM_MEMBERS: Record<Team, StaffRef> = {
  sales: { id: 'U0RIYASALES', name: 'Riya Malhotra' },
  collections: { id: 'U0FARAHCOLL', name: 'Farah Khan' },
  operations: { id: 'U0VIKRAMOPS', name: 'Vikram Joshi' },
  legal: { id: 'U0MEERALEGL', name: 'Adv. Meera Iyer' },
  site: { id: 'U0SANJAYSIT', name: 'Sanjay Patil' },
  support: { id: 'U0LEELASUPP', name: 'Leela Thomas' },
};

/** One buyer of the demonstration with the team around them: what they do, done by the product's own ways. */
export class Actor {
  readonly person: Person;
  private readonly context: Context;
  private readonly phone: SandboxChannel;
  private readonly clock: Clock;
  private booking: Booking | undefined;

  constructor(person: Person, parts: { context: Context; phone: SandboxChannel; clock: Clock }) {
    this.person = person;
    this.context = parts.context;
    this.phone = parts.phone;
    this.clock = parts.clock;
    this.phone.addBuyer(person.number, person.name);
  }

  /** Writes, in the buyer's language. */
  async says(words: { en: string; hi: string; hinglish: string } | string): Promise<void> {
    const text = typeof words === 'string' ? words : words[this.person.language];
    await this.phone.writeAs(this.person.number, text);
    await this.context.turns.idle();
  }

  /** Taps the quick reply at this place of the last question, or writes its number; nothing where none was asked. */
  async chooses(place: number): Promise<void> {
    const asked = this.phone.transcript(this.person.number).findLast(isQuestion);
    const choice = asked?.body.kind === 'choices' ? asked.body.choices[place - 1] : undefined;
    if (choice) await this.phone.tapAs(this.person.number, choice.id);
    else await this.phone.writeAs(this.person.number, `${place}`);
    await this.context.turns.idle();
  }

  /** A member of the team answers in the newest open case of theirs, and closes it. */
  async isAnswered(team: Team, text: string, outcome: CaseOutcome = 'answered'): Promise<void> {
    const found = await this.openCase(team);
    if (!found) return;
    const staff = TEAM_MEMBERS[team];
    const { answers } = this.context;
    await answers.reply({ caseId: found, inputId: randomUUID(), staff, text });
    await this.context.turns.idle();
    await answers.resolve({ caseId: found, inputId: randomUUID(), staff, outcome });
    await this.context.turns.idle();
  }

  /** A member of the team closes the newest open case of theirs without a word to the buyer. */
  async isClosed(team: Team, note: string): Promise<void> {
    const found = await this.openCase(team);
    if (!found) return;
    const how = { staff: TEAM_MEMBERS[team], outcome: 'no_action' as const, note };
    await this.context.answers.resolve({ caseId: found, inputId: randomUUID(), ...how });
    await this.context.turns.idle();
  }

  /** Sales say on the card what became of the visit. */
  async visitIsOver(outcome: 'visited' | 'no_show'): Promise<void> {
    const { answers, models } = this.context;
    const caseId = await this.openCase('sales');
    const visit = await models.visits.nextOrLastOf(await this.buyer(), this.clock.now);
    if (!caseId || !visit) throw new Error(`no visit of ${this.person.name} is to be logged`);
    const staff = TEAM_MEMBERS.sales;
    await answers.logVisit({ caseId, inputId: randomUUID(), staff, visit: visit._id, outcome });
    await this.context.turns.idle();
  }

  /** The first free unit of the size they want is booked for them. */
  async books(plan = 'construction_linked'): Promise<void> {
    const { bookingDesk, models } = this.context;
    const grid = await models.units.grid('greenfield-heights', this.clock.now);
    const unit = grid.find(
      ({ status, unitType }) => status === 'available' && unitType === this.person.wants,
    );
    if (!unit) throw new Error(`no ${this.person.wants} is free`);
    const outcome = await bookingDesk.book(
      {
        buyers: [await this.buyer()],
        unit: unit._id,
        plan,
        ratePaisePerSqFt: 10_800_00,
        withParking: true,
        buyerKind: 'resident',
        loan: 'none',
        by: TEAM_MEMBERS.sales,
        key: `seed:${this.person.number}`,
      },
      this.clock.now,
    );
    if (outcome.kind !== 'booked') throw new Error(`not booked: ${outcome.reason}`);
    this.booking = outcome.booking;
    await this.context.turns.idle();
  }

  /** Hands in these papers on the portal, specimens all. */
  async handsIn(kinds: readonly DocumentKind[]): Promise<void> {
    const { folders } = this.context;
    const folder = await folders.ofBooking(this.sold()._id);
    for (const kind of kinds) {
      const item = folder?.items.find(({ requirement }) => requirement.anyOf.includes(kind));
      if (!item) throw new Error(`nobody asks for ${kind}`);
      const { requirement } = item;
      const intake = await folders.takeIn({
        booking: this.sold()._id,
        requirement: requirement.id,
        ...(requirement.applicant !== undefined && { applicant: requirement.applicant }),
        kind,
        uploadedBy: await this.buyer(),
        key: `seed-${kind}-${this.clock.now.getTime()}`,
        name: `${kind}.pdf`,
        mimeType: 'application/pdf',
        bytes: await specimen(kind, this.person.name),
      });
      if (intake.kind === 'retake') throw new Error(`${kind} was not taken: ${intake.copy}`);
    }
    await this.context.turns.idle();
  }

  /** Operations look at what waits: all of it is accepted, or what is named is sent back. */
  async isReviewed(sentBack?: { kind: DocumentKind; reason: string }): Promise<void> {
    const { folders, models } = this.context;
    for (const { _id, kind, status } of await models.documents.ofBooking(this.sold()._id)) {
      if (status !== 'received') continue;
      const review =
        sentBack?.kind === kind
          ? ({ status: 'rejected', reason: sentBack.reason } as const)
          : ({ status: 'accepted' } as const);
      await folders.review(_id, review, TEAM_MEMBERS.operations);
    }
    await this.context.turns.idle();
  }

  /** Legal say that the agreement for sale was registered today. */
  async isRegistered(): Promise<void> {
    await this.context.bookingDesk.registerAgreement(
      { booking: this.sold()._id, registeredOn: this.today(), by: TEAM_MEMBERS.legal },
      this.clock.now,
    );
    await this.context.turns.idle();
  }

  /** Collections ask for an instalment; what had to be built was certified today. */
  async isAskedToPay(milestone: string): Promise<void> {
    const certificate = { by: 'Ar. Nandan Rao', date: this.today() };
    const outcome = await this.context.paymentDesk.raise(
      { booking: this.sold()._id, milestone, certificate },
      this.clock.now,
    );
    if (outcome.kind === 'refused') throw new Error(`${milestone} not asked for: ${outcome.reason}`);
    await this.context.turns.idle();
  }

  /** Collections find the money for everything that is open in the bank's record. */
  async isFoundToHavePaid(): Promise<void> {
    const { models, paymentDesk } = this.context;
    const { _id: booking } = this.sold();
    const [claim] = await models.payments.claimed(booking);
    const outstanding = await models.demands.outstanding(booking, this.today());
    const amountPaise = outstanding.reduce(
      (sum, each) => sum + each.outstandingPaise - each.tdsAwaitedPaise,
      0,
    );
    if (amountPaise <= 0) return;
    const outcome = await paymentDesk.confirm(
      {
        booking,
        ...(claim && { payment: claim._id }),
        amountPaise,
        mode: 'neft',
        receivedOn: this.today(),
        ...(claim?.utr === undefined && { utr: this.utr() }),
        by: TEAM_MEMBERS.collections,
        key: `seed:${this.person.number}:${this.clock.now.getTime()}`,
      },
      this.clock.now,
    );
    if (outcome.kind === 'refused') throw new Error(`not confirmed: ${outcome.reason}`);
    await this.context.turns.idle();
  }

  /** A reference as banks write it, of this buyer and day. */
  utr(): string {
    const serial = this.person.number.slice(-4);
    return `SBIN${this.today().slice(2).replaceAll('-', '')}0${serial}${this.today().slice(-2)}`;
  }

  /** The conversation with this buyer. */
  async conversation(): Promise<string> {
    return `${this.phone.id}/${await this.buyer()}`;
  }

  /** The buyer as the product knows them; they must have written. */
  async buyer(): Promise<string> {
    const found = await this.context.models.buyers.byPhone(this.person.number);
    if (!found) throw new Error(`${this.person.name} has not written yet`);
    return found._id;
  }

  private sold(): Booking {
    if (!this.booking) throw new Error(`${this.person.name} has booked nothing`);
    return this.booking;
  }

  private today(): string {
    return dayOf(this.clock.now, this.context.config.timeZone);
  }

  private async openCase(team: Team): Promise<string | undefined> {
    const open = await this.context.models.cases.openOf(await this.buyer());
    return open.find((each) => each.team === team)?._id;
  }
}

function isQuestion({ from, body }: PhoneMessage): boolean {
  return from === 'desk' && body.kind === 'choices' && body.chosen === undefined;
}
