import type { Request, Response, Router } from 'express';
import { addDays, type Day, requireDay } from '../../flows/money/day.ts';
import { sendToCode } from './codeRoutes.ts';
import type { ClaimDesk, Letters, PortalFile } from './desks.ts';
import type { Caller, Door } from './door.ts';
import { Limiter } from './limiter.ts';
import { type ClaimField, type ClaimState, type PayState, payPage } from './pages/pay.ts';
import { receiptsOf, receiptsPage } from './pages/receipts.ts';

export type PayRouteParts = { claims: ClaimDesk; letters: Letters; newId: () => string; now: () => Date };

const HOUR_MS = 3_600_000;
const CLAIMS_PER_HOUR = 20;
const OLDEST_PAYMENT_DAYS = 400;
/** A hundred crore: more is a slip of the finger. */
const MOST_PAISE = 1_00_00_00_000_00;
const NOTHING_TYPED: ClaimState = { values: {}, errors: {} };

/** Dues, the way to pay, "I have paid", letters and receipts. */
export class PayRoutes {
  private readonly door: Door;
  private readonly parts: PayRouteParts;
  private readonly claimed = new Limiter(CLAIMS_PER_HOUR, HOUR_MS);

  constructor(door: Door, parts: PayRouteParts) {
    this.door = door;
    this.parts = parts;
  }

  mount(router: Router): void {
    router.get('/pay', async (request, response) => {
      const caller = await this.door.enter(request, response);
      const { done } = request.query;
      const said = done === 'told' || done === 'known' ? done : undefined;
      if (caller) this.show(response, caller, { claim: NOTHING_TYPED, done: said });
    });
    router.get('/receipts', async (request, response) => {
      const caller = await this.door.enter(request, response);
      if (!caller) return;
      const { view, facts } = caller;
      const content = receiptsPage(view, facts);
      this.door.show(response, caller, { title: view.words.receipts.title, tab: 'pay', content });
    });
    router.post('/pay/claim', (request, response) => this.claim(request, response));
    router.get('/pay/letter.pdf', (request, response) => this.letter(request, response));
    router.get('/receipts/receipt.pdf', (request, response) => this.receipt(request, response));
  }

  private show(response: Response, caller: Caller, state: Omit<PayState, 'key'>, status = 200): void {
    const view = { ...caller.view, path: '/portal/pay' };
    const content = payPage(view, caller.facts, { ...state, key: this.parts.newId() });
    const page = { title: view.words.pay.title, tab: 'pay', content } as const;
    this.door.show(response, { ...caller, view }, page, status);
  }

  private async claim(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response);
    const form = caller && (await this.door.form(request, response, caller));
    if (!caller || !form) return;
    if (!this.claimed.take(caller.session.buyer, this.parts.now()))
      return this.door.refuse(request, response, 429, 'tooOften');
    const what = whatIn(caller, form.fields.get('for') ?? '');
    if (!what) return this.door.refuse(request, response, 404, 'notFound');
    const { claim, values, errors } = readClaim(caller, form.fields);
    const typed = { ...values, ...what };
    if (!claim) return this.show(response, caller, { claim: { values: typed, errors } }, 422);
    const buyer = caller.facts.buyer.id;
    const key = `portal:${buyer}:${form.fields.get('key') ?? ''}:${claim.utr}`;
    const result = await this.parts.claims.claim({ ...what, ...claim, buyer, key, source: 'portal' });
    if (result.kind !== 'refused')
      return response.redirect(303, `/portal/pay?done=${result.kind === 'known' ? 'known' : 'told'}`);
    if (result.reason === 'no_booking') return this.door.refuse(request, response, 404, 'notFound');
    const used = { utr: caller.view.words.pay.utrUsed };
    this.show(response, caller, { claim: { values: typed, errors: used } }, 409);
  }

  private async letter(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response);
    if (!caller || sendToCode(response, caller, 'pay')) return;
    const { demand: id } = request.query;
    const demand = caller.facts.homes
      .flatMap(({ demands }) => demands)
      .find(({ _id, status }) => _id === id && status !== 'withdrawn');
    if (!demand) return this.door.refuse(request, response, 404, 'notFound');
    sendFile(response, await this.parts.letters.demandLetter(demand._id, caller.view.language));
  }

  private async receipt(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response);
    if (!caller || sendToCode(response, caller, 'receipts')) return;
    const { number } = request.query;
    const own = receiptsOf(caller.facts).find(({ receiptNo }) => receiptNo === number);
    if (!own) return this.door.refuse(request, response, 404, 'notFound');
    sendFile(response, await this.parts.letters.receipt(own.receiptNo, caller.view.language));
  }
}

/** `<booking>` or `<booking> <demand>`, both this buyer's. */
function whatIn({ facts }: Caller, chosen: string): { booking: string; demand?: string } | undefined {
  const [bookingId = '', demandId] = chosen.split(' ');
  const home = facts.homes.find(({ booking }) => booking._id === bookingId);
  if (!home) return undefined;
  if (demandId === undefined) return { booking: bookingId };
  const demand = home.demands.find(({ _id }) => _id === demandId);
  return demand && { booking: bookingId, demand: demand._id };
}

/** What was typed, and what is wrong with it. */
function readClaim(
  { view, facts }: Caller,
  fields: Map<string, string>,
): ClaimState & { claim?: { amountPaise: number; utr: string; paidOn: Day } } {
  const { errors: words } = view.words.pay;
  const values = { amount: '', utr: '', paidOn: '' } satisfies Record<ClaimField, string>;
  for (const name of ['amount', 'utr', 'paidOn'] as const) values[name] = (fields.get(name) ?? '').trim();
  const amountPaise = paiseIn(values.amount);
  const utr = values.utr.replace(/[\s-]/g, '').toUpperCase();
  const isUtr = /^[A-Z0-9]{8,30}$/.test(utr);
  const isDay = isPaymentDay(values.paidOn, facts.today);
  const errors = {
    ...(amountPaise === undefined && { amount: words.amount }),
    ...(!isUtr && { utr: words.utr }),
    ...(!isDay && { paidOn: words.paidOn }),
  };
  const isRight = amountPaise !== undefined && isUtr && isDay;
  return { values, errors, ...(isRight && { claim: { amountPaise, utr, paidOn: values.paidOn } }) };
}

/**
 * The paise in an amount of rupees as people write it; undefined for anything else, and for nothing.
 * Example: `paiseIn('₹1,50,000.50') === 1_50_000_50`
 */
export function paiseIn(typed: string): number | undefined {
  const plain = typed
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x0966))
    .replace(/^(₹|rs\.?|inr)/i, '')
    .replace(/\/-$/, '')
    .replace(/[\s,]/g, '');
  const [, rupees, part = ''] = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(plain) ?? [];
  if (rupees === undefined) return undefined;
  const paise = Number(rupees) * 100 + Number(part.padEnd(2, '0'));
  return paise > 0 && paise <= MOST_PAISE ? paise : undefined;
}

function isPaymentDay(typed: string, today: Day): boolean {
  try {
    const day = requireDay(typed);
    return day <= today && day >= addDays(today, -OLDEST_PAYMENT_DAYS);
  } catch {
    return false;
  }
}

function sendFile(response: Response, { fileName, mimeType, bytes }: PortalFile): void {
  response.set('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(fileName)}`);
  response.type(mimeType).send(bytes);
}
