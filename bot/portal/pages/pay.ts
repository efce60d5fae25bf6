import type { OutstandingDemand } from '../../../flows/money/dues.ts';
import { milestoneInWords } from '../../../templates/documents/papers/phrases.ts';
import { type ProjectMoney, virtualAccountOf } from '../../../templates/documents/project.ts';
import { type BookedHome, type BuyerFacts, latePaise, payableOf } from '../facts.ts';
import { type Html, html, type Piece } from '../html.ts';
import { icon } from '../icons.ts';
import { field, form, notice, type View } from '../page.ts';
import { dayOfMoment, dayText, money } from '../writing.ts';
import { locked } from './code.ts';

/** NPCI lets a UPI payment to a merchant be this large on an ordinary day; banks may allow less. */
const MOST_BY_UPI_PAISE = 1_00_000_00;

export type ClaimField = 'amount' | 'utr' | 'paidOn';

/** What was typed into "I have paid", and what is wrong with it. */
export type ClaimState = {
  values: Partial<Record<ClaimField | 'booking' | 'demand', string>>;
  errors: Partial<Record<ClaimField, string>>;
};

export type PayState = { claim: ClaimState; done?: 'told' | 'known' | undefined; key: string };

/** What is to be paid, how, and a way to say that it has been. */
export function payPage(view: View, facts: BuyerFacts, state: PayState): Piece {
  const { pay: words } = view.words;
  const { homes } = facts;
  const done = state.done && notice('good', state.done === 'told' ? words.told : words.toldBefore);
  const [wrong] = Object.values(state.claim.errors);
  return html`${done}${wrong !== undefined && notice('bad', wrong)}
${homes.map((home) => html`${homes.length > 1 && html`<h2>${view.words.unit(home.number)}</h2>`}${standingOf(view, home)}`)}
<section aria-labelledby="how"><h2 id="how">${words.how}</h2>${
    view.isProven
      ? homes.map((home) => waysToPay(view, home, homes.length > 1))
      : locked(view, 'pay', words.howLocked)
  }</section>
${homes.length > 0 && claimForm(view, facts, state)}
<p><a class="more" href="/portal/receipts">${words.receipts}</a></p>`;
}

function standingOf(view: View, { dues, payments }: BookedHome): Html {
  const { pay: words } = view.words;
  const payable = payableOf(dues);
  const late = latePaise(dues);
  const { upcoming, advancePaise, outstanding } = dues;
  const total =
    payable > 0
      ? html`<p class="eyebrow">${words.toPay}</p><p class="total">${money(payable)}</p>${late > 0 && late !== payable && html`<p>${words.ofWhichLate(money(late))}</p>`}`
      : html`<p><strong>${words.nothingDue}</strong></p>`;
  const claims = payments.filter(({ status }) => status === 'claimed');
  return html`<section class="house">${total}${
    advancePaise > 0 && html`<p>${words.advance(money(advancePaise))}</p>`
  }${upcoming && html`<p class="small">${words.next(milestoneInWords(upcoming.milestone, view.language))}</p>`}</section>
${claims.map(({ amountPaise, claimedAt }) => {
  const day = claimedAt ? dayOfMoment(view, claimedAt) : '';
  const text = amountPaise > 0 ? words.checkingText(money(amountPaise), day) : words.checkingNoSum(day);
  return html`<p class="aside">${icon('clock')}<span>${text}</span></p>`;
})}
${
  outstanding.length > 0 &&
  html`<section><h2>${words.asked}</h2><ul class="cards">${outstanding.map((each) => demandCard(view, each))}</ul></section>`
}`;
}

function demandCard(
  view: View,
  { demand, outstandingPaise, tdsAwaitedPaise, isOverdue }: OutstandingDemand,
): Html {
  const { pay: words } = view.words;
  const milestone = milestoneInWords(demand.milestone, view.language);
  const payable = outstandingPaise - tdsAwaitedPaise;
  const day = dayText(view, demand.dueOn);
  const kind = payable === 0 ? 'waiting' : isOverdue ? 'rejected' : 'not_sent';
  const chip = payable === 0 ? words.onlyTds : isOverdue ? words.late : words.due;
  const text =
    payable === 0 ? words.onlyTdsText(money(tdsAwaitedPaise)) : isOverdue ? words.wasBy(day) : words.by(day);
  return html`<li class="card paper"><div class="head"><h3>${milestone}</h3><span class="chip ${kind}">${chip}</span></div>${
    payable > 0 && html`<p class="sum">${money(payable)}</p>`
  }<p>${text}</p>${payable > 0 && tdsAwaitedPaise > 0 && html`<p class="soft">${words.tds(money(tdsAwaitedPaise))}</p>`}<p><a class="more" href="/portal/pay/letter.pdf?demand=${encodeURIComponent(demand._id)}" aria-label="${words.letterFor(milestone)}">${words.letter}</a></p></li>`;
}

function waysToPay(view: View, { project, number, dues }: BookedHome, isNamed: boolean): Html {
  const { pay: words } = view.words;
  const terms = project?.money;
  if (!terms) return html`<p class="card">${words.noAccount}</p>`;
  const { beneficiary, bank, ifsc } = terms.account;
  const rows = [
    [words.beneficiary, beneficiary],
    [words.account, virtualAccountOf(terms, number)],
    [words.ifsc, ifsc],
    [words.bank, bank],
    [words.reference, view.words.unit(number)],
  ];
  return html`<div class="card">${isNamed && html`<h3>${view.words.unit(number)}</h3>`}<h3>${words.bankTransfer}</h3><dl class="account">${rows.map(
    ([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl><p class="hint">${words.accountHint}</p>${byUpi(view, terms, number, payableOf(dues))}<p class="warning">${icon('info')}<span>${words.warning} ${words.cash}</span></p></div>`;
}

function byUpi({ words }: View, { account }: ProjectMoney, number: string, payable: number): Piece {
  const { pay } = words;
  if (payable === 0) return undefined;
  const body =
    payable > MOST_BY_UPI_PAISE
      ? html`<p>${pay.upiTooMuch(money(MOST_BY_UPI_PAISE))}</p>`
      : html`<p><a class="button" href="${upiUrl({ ...account, number, payable })}">${pay.upiPay(money(payable))}</a></p><p class="hint">${pay.upiId}: ${account.vpa}. ${pay.upiNote}</p>`;
  return html`<h3>${pay.upi}</h3>${body}`;
}

/** As UPI apps read it: `%20` and never `+`, rupees with two decimals, and the handle's `@` as it is. */
export function upiUrl(given: { vpa: string; beneficiary: string; number: string; payable: number }): string {
  const { vpa, beneficiary, number, payable } = given;
  const reference = number.replace(/[^A-Za-z0-9]/g, '').slice(0, 30);
  const fields = {
    pn: beneficiary,
    am: `${Math.trunc(payable / 100)}.${String(payable % 100).padStart(2, '0')}`,
    cu: 'INR',
    tr: reference,
    tn: `Unit ${number}`,
  };
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `upi://pay?pa=${encodeURIComponent(vpa).replace('%40', '@')}&${rest.join('&')}`;
}

function claimForm(view: View, { homes, today }: BuyerFacts, { claim, key }: PayState): Html {
  const { pay: words } = view.words;
  const { values, errors } = claim;
  const text = (name: 'amount' | 'utr', attributes: Html) => (described: Html) =>
    html`<input id="${name}" name="${name}" value="${values[name] ?? ''}" required autocomplete="off"${attributes}${described}>`;
  const day = (described: Html) =>
    html`<input id="paidOn" name="paidOn" type="date" max="${today}" value="${values.paidOn ?? today}" required${described}>`;
  const open = homes.flatMap(({ booking, number, dues }) =>
    dues.outstanding
      .filter((each) => each.outstandingPaise > each.tdsAwaitedPaise)
      .map(({ demand }) => ({ booking, number, demand })),
  );
  const forWhat = (described: Html) =>
    html`<select id="for" name="for"${described}>${open.map(({ booking, number, demand }) =>
      option(
        `${booking._id} ${demand._id}`,
        `${homes.length > 1 ? `${number}: ` : ''}${milestoneInWords(demand.milestone, view.language)}`,
        values.demand === demand._id,
      ),
    )}${homes.map(({ booking, number }) =>
      option(
        booking._id,
        homes.length > 1 ? `${number}: ${words.anyDemand}` : words.anyDemand,
        values.booking === booking._id && !values.demand,
      ),
    )}</select>`;
  const content = html`${field({ id: 'for', label: words.forWhat, control: forWhat })}${field({
    id: 'amount',
    label: words.amount,
    hint: words.amountHint,
    error: errors.amount,
    control: text('amount', html` inputmode="decimal" maxlength="20"`),
  })}${field({
    id: 'utr',
    label: words.utr,
    hint: words.utrHint,
    error: errors.utr,
    control: text('utr', html` autocapitalize="characters" spellcheck="false" maxlength="40"`),
  })}${field({ id: 'paidOn', label: words.paidOn, error: errors.paidOn, control: day })}<button class="button">${words.tell}</button>`;
  return html`<section class="card" aria-labelledby="paid" id="claim"><h2 id="paid">${words.paid}</h2><p>${words.paidLead}</p>${form(view, '/portal/pay/claim', content, { key })}</section>`;
}

function option(value: string, label: string, isChosen: boolean): Html {
  return html`<option value="${value}"${isChosen && html` selected`}>${label}</option>`;
}
