import { dayOf } from '../../flows/money/day.ts';
import { milestoneInWords } from '../../templates/documents/papers/phrases.ts';
import { askedPaise, type BookedHome, type BuyerFacts } from './facts.ts';
import type { Icon } from './icons.ts';
import type { View } from './page.ts';
import { copyText, momentText, money } from './writing.ts';

/** Something that happened, in the buyer's words. */
export type Event = { at: Date; icon: Icon; text: string };

/**
 * What has happened so far, latest first. It is told from what the records say, never from the team's timeline: that
 * holds decisions, cases and notes, which are none of a buyer's reading.
 */
export function historyOf(view: View, facts: BuyerFacts): Event[] {
  const events = [
    ...facts.homes.flatMap((home) => eventsOfHome(view, home)),
    ...eventsOfPapers(view, facts),
    ...eventsOfVisits(view, facts),
  ];
  return events
    .filter(({ at }) => at <= facts.now)
    .sort((one, other) => other.at.getTime() - one.at.getTime());
}

function eventsOfHome(view: View, home: BookedHome): Event[] {
  const { history: words } = view.words;
  const { booking, number, demands, payments } = home;
  const { agreement } = booking;
  return [
    { at: booking.bookedAt, icon: 'home' as const, text: words.booked(number) },
    ...(agreement
      ? [{ at: noonOf(agreement.registeredOn), icon: 'papers' as const, text: words.agreement }]
      : []),
    ...demands.flatMap((demand): Event[] => {
      const milestone = milestoneInWords(demand.milestone, view.language);
      const { withdrawn } = demand;
      return [
        { at: demand.raisedAt, icon: 'pay', text: words.demanded(money(askedPaise(demand)), milestone) },
        ...(withdrawn ? [{ at: withdrawn.at, icon: 'pay' as const, text: words.withdrawn(milestone) }] : []),
      ];
    }),
    ...payments.flatMap((payment): Event[] => {
      const { claimedAt, claimedPaise = 0, isFound, status, decidedAt, amountPaise, receiptNo } = payment;
      const claimed = claimedPaise > 0 ? words.claimed(money(claimedPaise)) : words.claimedNoSum;
      const decided =
        status === 'confirmed'
          ? words.confirmed(money(amountPaise), receiptNo ?? '')
          : words.notFound(money(amountPaise));
      return [
        ...(claimedAt && !isFound ? [{ at: claimedAt, icon: 'pay' as const, text: claimed }] : []),
        ...(decidedAt ? [{ at: decidedAt, icon: 'tick' as const, text: decided }] : []),
      ];
    }),
  ];
}

function eventsOfPapers(view: View, { documents, homes }: BuyerFacts): Event[] {
  const { history: words, papers } = view.words;
  return documents.flatMap((document): Event[] => {
    const { kind, status, uploadedAt, reviewedAt } = document;
    if (status === 'erased') return [];
    const label = homes
      .flatMap(({ folder }) => folder?.items ?? [])
      .find(({ requirement }) => requirement.anyOf.includes(kind))?.requirement.label;
    const paper = papers.kinds[kind] ?? (label ? copyText(view, label) : papers.title);
    const judged = status === 'accepted' ? words.paperAccepted(paper) : words.paperRejected(paper);
    return [
      { at: uploadedAt, icon: 'papers', text: words.paperSent(paper) },
      ...(reviewedAt ? [{ at: reviewedAt, icon: 'tick' as const, text: judged }] : []),
    ];
  });
}

function eventsOfVisits(view: View, { visits }: BuyerFacts): Event[] {
  const { history: words } = view.words;
  return visits.flatMap(({ bookedAt, at, status }): Event[] => {
    const kind: string = status;
    return [
      { at: bookedAt, icon: 'visits', text: words.visitBooked(momentText(view, at)) },
      ...(kind === 'visited' ? [{ at, icon: 'tick' as const, text: words.visited }] : []),
      ...(kind === 'no_show' ? [{ at, icon: 'visits' as const, text: words.noShow }] : []),
    ];
  });
}

/** A day without a time stands in its middle. */
function noonOf(day: string): Date {
  return new Date(`${day}T06:30:00Z`);
}

/** Events by the day on which they happened, in their order. */
export function byDay(events: readonly Event[], timeZone: string): { day: string; events: Event[] }[] {
  const days = new Map<string, Event[]>();
  for (const event of events) {
    const day = dayOf(event.at, timeZone);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days].map(([day, found]) => ({ day, events: found }));
}
