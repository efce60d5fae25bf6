import type { BuyerFacts } from '../facts.ts';
import { byDay, type Event, historyOf } from '../history.ts';
import { type Html, html, type Piece } from '../html.ts';
import { icon } from '../icons.ts';
import type { View } from '../page.ts';
import { dayText } from '../writing.ts';

/** Everything that happened, by day, latest first. */
export function historyPage(view: View, facts: BuyerFacts): Piece {
  const { history: words } = view.words;
  const events = historyOf(view, facts);
  if (events.length === 0) return html`<p class="lead">${words.none}</p>`;
  return html`<p class="lead">${words.lead}</p>${eventList(view, events)}`;
}

/** Events under the days on which they happened. */
export function eventList(view: View, events: readonly Event[]): Html {
  const days = byDay(events, view.timeZone).map(
    ({ day, events: found }) =>
      html`<li><p class="day"><time datetime="${day}">${dayText(view, day)}</time></p><ul>${found.map(
        ({ icon: name, text }) => html`<li>${icon(name)}<span>${text}</span></li>`,
      )}</ul></li>`,
  );
  return html`<ol class="events">${days}</ol>`;
}
