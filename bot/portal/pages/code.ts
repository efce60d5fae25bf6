import { maskedPhone } from '../../../models/buyer.ts';
import type { BuyerFacts } from '../facts.ts';
import { type Html, html, type Piece } from '../html.ts';
import { icon } from '../icons.ts';
import { field, form, notice, type View } from '../page.ts';
import { timeText } from '../writing.ts';

/** The pages that a code opens more of. */
export const CODE_PAGES = ['papers', 'pay', 'receipts'] as const;
export type CodePage = (typeof CODE_PAGES)[number];

/** `awaits`: until when the code that was sent may be typed. */
export type CodeState = {
  next: CodePage;
  awaits?: Date | undefined;
  error?: string | undefined;
  isTooMany?: boolean;
};

/** Asks for a code, or for what it says. */
export function codePage(view: View, { buyer }: BuyerFacts, state: CodeState): Piece {
  const { code: words } = view.words;
  const { next, awaits, error, isTooMany } = state;
  return html`<p class="lead">${words.lead(maskedPhone(buyer.phone))}</p>
${isTooMany && notice('bad', words.tooMany)}
${awaits ? entry(view, next, awaits, error) : error !== undefined && notice('bad', error)}
${sendForm(view, next, awaits ? words.again : words.send, awaits !== undefined)}
<p class="aside">${icon('lock')}<span>${words.warning}</span></p>
<p><a class="more" href="/portal/${next}">${view.words.back}</a></p>`;
}

/** In place of what a code opens: why, and the button that sends one. */
export function locked(view: View, next: CodePage, why: string): Html {
  return html`<section class="card locked">${icon('lock')}<div><p>${why}</p>${sendForm(view, next, view.words.code.send)}</div></section>`;
}

function entry(view: View, next: CodePage, awaits: Date, error: string | undefined): Html {
  const { code: words } = view.words;
  const control = (described: Html) =>
    html`<input id="code" name="code" class="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required autofocus${described}>`;
  return html`${notice('info', words.sent(timeText(view, awaits)))}${form(
    view,
    '/portal/code',
    html`<input type="hidden" name="next" value="${next}">${field({ id: 'code', label: words.label, hint: words.hint, error, control })}<button class="button">${words.check}</button>`,
  )}`;
}

function sendForm(view: View, next: CodePage, label: string, isAgain = false): Html {
  const button = html`<button class="${isAgain ? 'plain' : 'button'}">${label}</button>`;
  return form(view, '/portal/code/send', html`<input type="hidden" name="next" value="${next}">${button}`);
}
