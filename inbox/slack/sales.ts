import { z } from 'zod';
import type { PaymentMode } from '../../flows/money/account.ts';
import type { StaffRef } from '../../flows/types.ts';
import { ACTIONS, escaped, plainText } from './blocks.ts';
import type { SaleCommand } from './command.ts';
import type { ListenerParts } from './listening.ts';
import { paiseOf } from './rupees.ts';
import { bookModal, refusalModal, SALE_BOOK } from './saleModal.ts';

/** Booking a unit for a buyer: from a card of sales, from who the buyer is, or by command. */

/** A unit or plan to choose. */
export type Choosable = { value: string; text: string };

/** What a person books; `buyer` is the first applicant, co-buyers are known by their phones. */
export type BookingWish = {
  buyer: string;
  coBuyers: string[];
  unit: string;
  plan: string;
  ratePaisePerSqFt: number;
  discountPaisePerSqFt?: number;
  withParking?: boolean;
  buyerKind: 'resident' | 'joint' | 'nri' | 'company' | 'huf';
  loan: 'none' | 'applied' | 'sanctioned';
  by: StaffRef;
  /** Names the person's input. */
  key: string;
};

/** Money that may have come: claimed by the buyer, or (without `payment`) told of by nobody. */
export type ClaimChoice = { booking: string; payment?: string; text: string };

/** What a person has seen in the bank's record. */
export type Received = {
  claim: Pick<ClaimChoice, 'booking' | 'payment'>;
  amountPaise: number;
  mode: PaymentMode;
  receivedOn: string;
  utr?: string;
  staff: StaffRef;
  key: string;
};

/** Refusals in words, by the name of the input. */
export type SaleFaults = { faults: Record<string, string> };

/** Units and their money; given by the bot's side. */
export type TeamSales = {
  run(command: SaleCommand, staff: StaffRef): Promise<string>;
  mayBook(user: string): Promise<boolean>;
  /** What can be booked for a buyer, or in words why nothing can. */
  offers(
    buyer: string,
  ): Promise<{ project: string; units: Choosable[]; plans: Choosable[] } | { refusal: string }>;
  book(wish: BookingWish): Promise<{ text: string } | SaleFaults>;
  /** Of a buyer who has booked; empty for one who has not. */
  claims(buyer: string): Promise<ClaimChoice[]>;
  /** Why it is not confirmed, by the name of the input; undefined when it is. */
  confirm(received: Received): Promise<Record<string, string> | undefined>;
  /** Why it is not rejected, or undefined when it is. */
  reject(missing: { payment: string; staff: StaffRef; reason: string }): Promise<string | undefined>;
};

const press = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }).optional(),
  message: z.object({ ts: z.string() }).optional(),
  actions: z.array(z.object({ value: z.string() })).min(1),
});

const entry = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});
const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.object({ value: entry })) }),
  }),
});
const chosen = z.object({
  unit: z.string(),
  plan: z.string(),
  buyerKind: z.enum(['resident', 'joint', 'nri', 'company', 'huf']),
  loan: z.enum(['none', 'applied', 'sanctioned']),
  parking: z.enum(['yes', 'no']),
});

/** Takes in the buttons that begin a booking, and the form. */
export function listenToSales(parts: ListenerParts): void {
  const { app, cases } = parts;
  // On a card the value is the case, beside a buyer it is the buyer.
  app.action(ACTIONS.book, async ({ ack, body }) => {
    await ack();
    const pressed = press.parse(body);
    const found = await cases.byId(pressed.actions[0]?.value ?? '');
    if (found) await openBooking(parts, pressed.trigger_id, pressed.user.id, found.buyer);
  });
  app.action(ACTIONS.bookBuyer, async ({ ack, body }) => {
    await ack();
    const pressed = press.parse(body);
    await openBooking(parts, pressed.trigger_id, pressed.user.id, pressed.actions[0]?.value ?? '');
  });
  app.view(SALE_BOOK, async ({ ack, body }) => {
    const outcome = await takeBooking(parts, submission.parse(body));
    if ('faults' in outcome) await ack({ response_action: 'errors', errors: outcome.faults });
    else await ack({ response_action: 'update', view: refusalModal('Booked', outcome.text) });
  });
}

/** The form, or in a modal why there is none. */
export async function openBooking(
  { client, sales, buyers, people, log }: ListenerParts,
  triggerId: string,
  user: string,
  buyer: string,
): Promise<void> {
  const known = await buyers.byId(buyer);
  const offers = (await sales.mayBook(user))
    ? await sales.offers(known?._id ?? buyer)
    : { refusal: `Only sales can book a unit. ${people.whoMay()}` };
  const view =
    'refusal' in offers
      ? refusalModal('Not possible', escaped(offers.refusal))
      : bookModal({ buyer: known?._id ?? buyer, name: known?.name ?? '' }, offers);
  try {
    await client.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    log.warn({ err: error }, 'the form of a booking was not opened');
  }
}

async function takeBooking(
  { sales, people }: ListenerParts,
  { user, view }: z.infer<typeof submission>,
): Promise<{ text: string } | SaleFaults> {
  const { values } = view.state;
  const option = (name: string) => values[name]?.value.selected_option?.value;
  const text = (name: string) => plainText(values[name]?.value.value ?? '').trim();
  const member = await people.member(user.id);
  if (!member) return { faults: { unit: 'Only the team can do this.' } };
  const given = chosen.safeParse({
    unit: option('unit'),
    plan: option('plan'),
    buyerKind: option('buyerKind'),
    loan: option('loan'),
    parking: option('parking'),
  });
  if (!given.success) return { faults: { unit: 'Please choose everywhere.' } };
  const ratePaisePerSqFt = paiseOf(text('price'));
  if (ratePaisePerSqFt === undefined) return { faults: { price: IN_FIGURES } };
  const discount = text('discount');
  const discountPaisePerSqFt = discount === '' ? 0 : paiseOf(discount);
  if (discountPaisePerSqFt === undefined) return { faults: { discount: IN_FIGURES } };
  const coBuyers = phonesIn(text('coBuyers'));
  if (!coBuyers)
    return { faults: { coBuyers: 'Please write phone numbers with +91, and a comma between them.' } };
  const { parking, ...wish } = given.data;
  return sales.book({
    ...wish,
    buyer: z.object({ buyer: z.string() }).parse(JSON.parse(view.private_metadata)).buyer,
    coBuyers,
    ratePaisePerSqFt,
    ...(discountPaisePerSqFt > 0 && { discountPaisePerSqFt }),
    ...(parking === 'yes' && { withParking: true }),
    by: { id: member.id, name: member.name },
    key: `slack:view:${view.id}`,
  });
}

const IN_FIGURES = 'Please write rupees in figures, such as 9,850.';

function phonesIn(typed: string): string[] | undefined {
  const phones = typed
    .split(/[,;\n]/)
    .map((each) => each.replace(/[\s().-]/g, ''))
    .filter((each) => each !== '');
  return phones.every((phone) => /^\+[1-9]\d{6,14}$/.test(phone)) ? phones : undefined;
}
