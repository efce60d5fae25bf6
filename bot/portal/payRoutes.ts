import type { Response, Router } from 'express';
import { addDays, type Day, requireDay } from '../../flows/money/day.ts';
import { sendToCode } from './codeRoutes.ts';
import type { ClaimDesk, Letters, PortalFile } from './desks.ts';
import type { Caller, Door } from './door.ts';
import { Limiter } from './limiter.ts';
import { type ClaimField, type ClaimState, payPage } from './pages/pay.ts';
import { receiptsOf, receiptsPage } from './pages/receipts.ts';

export type PayRouteParts = { claims: ClaimDesk; letters: Letters; newId: () => string; now: () => Date };

const HOUR_MS = 3_600_000;
const CLAIMS_PER_HOUR = 20;
const OLDEST_PAYMENT_DAYS = 400;
/** A hundred crore: more is a slip of the finger. */
const MOST_PAISE = 1_00_00_00_000_00;
const NOTHING_TYPED: ClaimState = { values: {}, errors: {} };

/** Dues, the way to pay, "I have paid", letters and receipts. */
export function payRoutes(router: Router, door: Door, { claims, letters, newId, now }: PayRouteParts): void {
  const claimed = new Limiter(CLAIMS_PER_HOUR, HOUR_MS);

  const show = (
    response: Response,
    caller: Caller,
    state: { claim: ClaimState; done?: 'told' | 'known' | undefined },
    status = 200,
  ) => {
    const view = { ...caller.view, path: '/portal/pay' };
    const content = payPage(view, caller.facts, { ...state, key: newId() });
    door.show(response, { ...caller, view }, { title: view.words.pay.title, tab: 'pay', content }, status);
  };

  router.get('/pay', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { done } = request.query;
    show(response, caller, {
      claim: NOTHING_TYPED,
      done: done === 'told' || done === 'known' ? done : undefined,
    });
  });

  router.post('/pay/claim', async (request, response) => {
    const caller = await door.enter(request, response);
    const form = caller && (await door.form(request, response, caller));
    if (!caller || !form) return;
    if (!claimed.take(caller.session.buyer, now())) return door.refuse(request, response, 429, 'tooOften');
    const what = whatIn(caller, form.fields.get('for') ?? '');
    if (!what) return door.refuse(request, response, 404, 'notFound');
    const read = readClaim(caller, form.fields);
    const claim = { values: { ...read.values, ...what }, errors: read.errors };
    if (!read.claim) return show(response, caller, { claim }, 422);
    const key = `portal:${caller.facts.buyer.id}:${form.fields.get('key') ?? ''}:${read.claim.utr}`;
    const result = await claims.claim({
      ...what,
      ...read.claim,
      buyer: caller.facts.buyer.id,
      key,
      source: 'portal',
    });
    if (result.kind !== 'refused')
      return response.redirect(303, `/portal/pay?done=${result.kind === 'known' ? 'known' : 'told'}`);
    if (result.reason === 'no_booking') return door.refuse(request, response, 404, 'notFound');
    show(response, caller, { claim: { ...claim, errors: { utr: caller.view.words.pay.utrUsed } } }, 409);
  });

  router.get('/pay/letter.pdf', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller || sendToCode(request, response, caller, 'pay')) return;
    const { demand: id } = request.query;
    const demand = caller.facts.homes
      .flatMap(({ demands }) => demands)
      .find(({ _id, status }) => _id === id && status !== 'withdrawn');
    if (!demand) return door.refuse(request, response, 404, 'notFound');
    sendFile(response, await letters.demandLetter(demand._id, caller.view.language));
  });

  router.get('/receipts', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { view, facts } = caller;
    const content = receiptsPage(view, facts);
    door.show(response, caller, { title: view.words.receipts.title, tab: 'pay', content });
  });

  router.get('/receipts/receipt.pdf', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller || sendToCode(request, response, caller, 'receipts')) return;
    const { number } = request.query;
    const own = receiptsOf(caller.facts).find(({ receiptNo }) => receiptNo === number);
    if (!own) return door.refuse(request, response, 404, 'notFound');
    sendFile(response, await letters.receipt(own.receiptNo, caller.view.language));
  });
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
