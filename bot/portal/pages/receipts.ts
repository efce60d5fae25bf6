import type { BuyerFacts } from '../facts.ts';
import { html, type Piece } from '../html.ts';
import { icon } from '../icons.ts';
import type { View } from '../page.ts';
import { dayText, money } from '../writing.ts';
import { locked } from './code.ts';

/** A receipt for each payment that a person has confirmed. */
export function receiptsPage(view: View, facts: BuyerFacts): Piece {
  const { receipts: words } = view.words;
  if (!view.isProven) return html`<p class="lead">${words.lead}</p>${locked(view, 'receipts', words.locked)}`;
  const paid = receiptsOf(facts);
  if (paid.length === 0) return html`<p class="lead">${words.none}</p>`;
  return html`<p class="lead">${words.lead}</p><ul class="cards">${paid.map(
    ({ receiptNo, amountPaise, receivedOn }) =>
      html`<li class="card action">${icon('pay')}<div><h2 class="sum">${money(amountPaise)}</h2><p>${words.number(receiptNo)}${
        receivedOn && html`<br>${words.received(dayText(view, receivedOn))}`
      }</p><a class="more" href="/portal/receipts/receipt.pdf?number=${encodeURIComponent(receiptNo)}" aria-label="${words.downloadFor(receiptNo)}">${words.download}</a></div></li>`,
  )}</ul>`;
}

/** The receipts of this buyer's bookings, latest first. */
export function receiptsOf({ homes }: BuyerFacts) {
  return homes
    .flatMap(({ payments }) => payments)
    .flatMap((payment) =>
      payment.status === 'confirmed' && payment.receiptNo !== undefined
        ? [{ ...payment, receiptNo: payment.receiptNo }]
        : [],
    )
    .sort((one, other) => (other.decidedAt?.getTime() ?? 0) - (one.decidedAt?.getTime() ?? 0));
}
