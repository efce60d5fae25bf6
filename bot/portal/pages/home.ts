import { type BookedHome, type BuyerFacts, latePaise, nextVisit, payableOf } from '../facts.ts';
import { historyOf } from '../history.ts';
import { type Html, html, type Piece } from '../html.ts';
import { type Icon, icon } from '../icons.ts';
import type { View } from '../page.ts';
import { copyText, dayText, momentText, money } from '../writing.ts';
import { eventList } from './history.ts';

const MOST_EVENTS = 4;

/** Something that the buyer can do now. */
type Action = { icon: Icon; title: string; text: string; path: string; label: string; isUrgent?: boolean };

/** What is needed now, the home itself, and what happened lately. */
export function homePage(view: View, facts: BuyerFacts): Piece {
  const { home: words } = view.words;
  const { homes } = facts;
  const actions = actionsOf(view, facts);
  const events = historyOf(view, facts).slice(0, MOST_EVENTS);
  return html`<p class="lead">${homes.length > 0 ? words.lead : words.leadNoHome}</p>
${homes.map((home) => homeCard(view, home))}
<section aria-labelledby="needed"><h2 id="needed">${words.needed}</h2>
${actions.length > 0 ? html`<ul class="cards">${actions.map(actionCard)}</ul>` : nothingNeeded(view)}
${checking(view, facts)}</section>
${
  events.length > 0 &&
  html`<section aria-labelledby="lately"><h2 id="lately">${words.lately}</h2>${eventList(view, events)}<p><a class="more" href="/portal/history">${words.all}</a></p></section>`
}`;
}

function homeCard({ words }: View, { number, unit, project, booking }: BookedHome): Html {
  const facts = [unit?.tower && words.tower(unit.tower), booking.unitType].filter(Boolean).join(' · ');
  const { locality, city } = project ?? {};
  return html`<section class="house"><p class="eyebrow">${project?.name ?? booking.project}</p><p class="unit">${words.unit(number)}</p><p>${facts}${locality && html`<br>${locality}, ${city}`}</p></section>`;
}

function actionsOf(view: View, facts: BuyerFacts): Action[] {
  const { home: words } = view.words;
  const visit = nextVisit(facts);
  return [
    ...facts.homes.flatMap((home) => [...duesOf(view, home), ...papersOf(view, home)]),
    ...(visit
      ? [
          {
            icon: 'visits' as const,
            title: words.visitOn(momentText(view, visit.at)),
            text: facts.projects.get(visit.project)?.name ?? visit.project,
            path: '/portal/visits',
            label: words.seeVisit,
          },
        ]
      : []),
    ...(!visit && facts.homes.length === 0
      ? [
          {
            icon: 'visits' as const,
            title: words.bookVisit,
            text: words.bookVisitWhy,
            path: '/portal/visits',
            label: words.bookVisit,
          },
        ]
      : []),
  ];
}

function duesOf(view: View, { dues, number }: BookedHome): Action[] {
  const { home: words } = view.words;
  const next = dues.outstanding.find((each) => each.outstandingPaise > each.tdsAwaitedPaise);
  if (!next) return [];
  const latePaiseNow = latePaise(dues);
  const isUrgent = latePaiseNow > 0;
  const sum = money(isUrgent ? latePaiseNow : payableOf(dues));
  const day = dayText(view, next.demand.dueOn);
  return [
    {
      icon: 'pay',
      title: isUrgent ? words.wasDue(sum, day) : words.isDue(sum, day),
      text: view.words.unit(number),
      path: '/portal/pay',
      label: words.howToPay,
      isUrgent,
    },
  ];
}

function papersOf(view: View, { folder }: BookedHome): Action[] {
  const { home: words } = view.words;
  const withBuyer = folder?.standing.withBuyer ?? [];
  const again = withBuyer.filter(({ state }) => state === 'rejected');
  const asked = again.length > 0 ? again : withBuyer;
  const [first] = asked;
  if (!first) return [];
  const name = copyText(view, first.requirement.label);
  const title = again.length > 0 ? words.papersAgain(again.length) : words.papersNeeded(withBuyer.length);
  const text = asked.length === 1 ? name : words.andMore(name, asked.length - 1);
  return [
    {
      icon: 'papers',
      title,
      text,
      path: '/portal/papers',
      label: words.sendPapers,
      isUrgent: again.length > 0,
    },
  ];
}

function actionCard({ icon: name, title, text, path, label, isUrgent }: Action): Html {
  return html`<li class="card action${isUrgent && ' urgent'}">${icon(name)}<div><h3>${title}</h3><p>${text}</p><a class="button" href="${path}">${label}</a></div></li>`;
}

function nothingNeeded({ words }: View): Html {
  const { nothing, nothingMore } = words.home;
  return html`<div class="card calm">${icon('tick')}<div><p><strong>${nothing}</strong></p><p>${nothingMore}</p></div></div>`;
}

function checking({ words }: View, { homes }: BuyerFacts): Piece {
  const claimed = homes.flatMap(({ payments }) => payments.filter(({ status }) => status === 'claimed'));
  return claimed
    .filter(({ amountPaise }) => amountPaise > 0)
    .map(
      ({ amountPaise }) =>
        html`<p class="aside">${icon('clock')}<span>${words.home.checking(money(amountPaise))}</span></p>`,
    );
}
