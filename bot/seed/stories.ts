import type { Actor } from './actor.ts';
import type { Ending, Person } from './people.ts';
import type { Story } from './player.ts';

/** What happens to the buyers of the demonstration, each told from the day they first wrote. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const RESIDENT_PAPERS = ['pan', 'aadhaar', 'photo'] as const;

/** How many days before today the story of each ending begins. */
export const DAYS_AGO: Record<Ending, number> = {
  asked: 0,
  quiet: 6,
  qualified: 3,
  visitAhead: 2,
  visited: 9,
  missedVisit: 6,
  negotiating: 16,
  lost: 25,
  optedOut: 12,
  papersMissing: 11,
  papersSentBack: 14,
  papersInReview: 9,
  agreementDue: 24,
  paidUp: 75,
  dueSoon: 60,
  overdue: 80,
  promised: 72,
  saysPaid: 70,
  disputes: 66,
  asksWaiver: 90,
  threatens: 84,
  bereaved: 70,
};

/** The story of one buyer. */
export function storyOf(actor: Actor): Story {
  return STORIES[actor.person.ending](actor);
}

const STORIES: Record<Ending, (actor: Actor) => Story> = {
  asked,
  quiet: asked,
  qualified,
  visitAhead: booksVisit,
  visited,
  missedVisit,
  negotiating,
  lost,
  optedOut,
  papersMissing,
  papersSentBack,
  papersInReview,
  agreementDue,
  paidUp,
  dueSoon,
  overdue,
  promised,
  saysPaid,
  disputes,
  asksWaiver,
  threatens,
  bereaved,
};

async function* asked(actor: Actor): Story {
  const { wants } = actor.person;
  await actor.says({
    en: `Hi, I saw Greenfield Heights online. Can you send details of the ${wants}?`,
    hi: `नमस्ते, ग्रीनफील्ड हाइट्स के ${wants} के बारे में बताइए`,
    hinglish: `Hi, Greenfield Heights ke ${wants} ki details bhej dijiye`,
  });
  yield 2 * MINUTE_MS;
}

async function* qualified(actor: Actor): Story {
  yield* asked(actor);
  for (let question = 0; question < 4; question += 1) {
    await actor.chooses(1);
    yield MINUTE_MS;
  }
}

async function* booksVisit(actor: Actor): Story {
  yield* qualified(actor);
  yield 10 * MINUTE_MS;
  await actor.says({
    en: 'I would like to visit the site',
    hi: 'मैं साइट देखने आना चाहता हूँ',
    hinglish: 'Site visit karna hai',
  });
  yield MINUTE_MS;
  await actor.chooses(3);
  yield HOUR_MS;
  await actor.isAnswered('sales', 'Looking forward to showing you around.');
}

async function* visited(actor: Actor): Story {
  yield* booksVisit(actor);
  yield 4 * DAY_MS;
  await actor.visitIsOver('visited');
  yield 5 * MINUTE_MS;
  await actor.says('5');
  yield HOUR_MS;
  await actor.isClosed('sales', 'They came with the family and liked the tower near the park.');
}

async function* missedVisit(actor: Actor): Story {
  yield* booksVisit(actor);
  yield 4 * DAY_MS;
  await actor.visitIsOver('no_show');
}

async function* negotiating(actor: Actor): Story {
  yield* visited(actor);
  yield DAY_MS;
  await actor.says({
    en: 'We liked it. Is there any discount if we book this month?',
    hi: 'हमें पसंद आया। इस महीने बुक करें तो कुछ डिस्काउंट मिलेगा?',
    hinglish: 'Humein pasand aaya. Is mahine book karein to discount milega?',
  });
  yield HOUR_MS;
}

async function* lost(actor: Actor): Story {
  yield* qualified(actor);
  yield 5 * DAY_MS;
  await actor.says({
    en: 'Not interested any more, we bought elsewhere',
    hi: 'अब रुचि नहीं है',
    hinglish: 'Ab interest nahi hai, kahin aur le liya',
  });
  yield HOUR_MS;
  await actor.isClosed('sales', 'Bought in another project.');
}

async function* optedOut(actor: Actor): Story {
  yield* asked(actor);
  yield DAY_MS;
  await actor.says({ en: 'STOP', hi: 'मैसेज मत भेजो', hinglish: 'msg mat bhejo' });
}

/** From the first message to a booking: the visit, a talk about the price, and the unit. */
async function* buys(actor: Actor): Story {
  yield* visited(actor);
  yield DAY_MS;
  await actor.isClosed('sales', 'Agreed on the unit and the price.');
  await actor.books();
  yield HOUR_MS;
}

async function* papersMissing(actor: Actor): Story {
  yield* buys(actor);
  yield DAY_MS;
  await actor.handsIn(['pan']);
}

async function* papersSentBack(actor: Actor): Story {
  yield* buys(actor);
  yield DAY_MS;
  await actor.handsIn(RESIDENT_PAPERS);
  yield 5 * HOUR_MS;
  await actor.isReviewed({ kind: 'aadhaar', reason: 'kyc_retake_blurred' });
}

async function* papersInReview(actor: Actor): Story {
  yield* buys(actor);
  yield 2 * DAY_MS;
  await actor.handsIn(RESIDENT_PAPERS);
}

async function* agreementDue(actor: Actor): Story {
  yield* papersInReview(actor);
  yield 20 * HOUR_MS;
  await actor.isReviewed();
  yield DAY_MS;
  await actor.isAskedToPay('booking');
  yield 3 * DAY_MS;
  await actor.isFoundToHavePaid();
}

/** Papers in order, the booking amount paid and the agreement registered. */
async function* settles(actor: Actor): Story {
  yield* agreementDue(actor);
  yield 5 * DAY_MS;
  await actor.isRegistered();
  yield DAY_MS;
  await actor.isAskedToPay('agreement');
  yield 6 * DAY_MS;
  await actor.isFoundToHavePaid();
  yield 2 * DAY_MS;
}

async function* paidUp(actor: Actor): Story {
  yield* settles(actor);
  await actor.isAskedToPay('plinth');
  yield 8 * DAY_MS;
  yield* claims(actor);
  yield 5 * HOUR_MS;
  await actor.isFoundToHavePaid();
  yield DAY_MS;
  await actor.says({ en: 'Thank you', hi: 'धन्यवाद', hinglish: 'Thank you ji' });
}

async function* dueSoon(actor: Actor): Story {
  yield* settles(actor);
  yield 26 * DAY_MS;
  await actor.isAskedToPay('plinth');
}

async function* overdue(actor: Actor): Story {
  yield* settles(actor);
  yield daysFor(actor.person) * DAY_MS;
  await actor.isAskedToPay('plinth');
}

async function* promised(actor: Actor): Story {
  yield* settles(actor);
  yield 10 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 23 * DAY_MS;
  await actor.says({
    en: 'I will pay on Friday for sure',
    hi: 'शुक्रवार को पक्का दे दूँगा',
    hinglish: 'Friday ko pakka de dunga',
  });
}

async function* saysPaid(actor: Actor): Story {
  yield* settles(actor);
  yield 12 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 21 * DAY_MS;
  yield* claims(actor);
}

async function* claims(actor: Actor): Story {
  await actor.says({
    en: `Payment done by NEFT. UTR ${actor.utr()}`,
    hi: `पैसे भेज दिए हैं, UTR ${actor.utr()}`,
    hinglish: `NEFT kar diya hai, UTR ${actor.utr()}`,
  });
  yield MINUTE_MS;
}

async function* disputes(actor: Actor): Story {
  yield* settles(actor);
  yield 10 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 2 * DAY_MS;
  await actor.says('The plinth is not finished, why is this demand raised? The amount is also wrong.');
}

async function* asksWaiver(actor: Actor): Story {
  yield* settles(actor);
  yield 10 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 40 * DAY_MS;
  await actor.says('Please waive the interest, my loan got delayed by the bank');
}

async function* threatens(actor: Actor): Story {
  yield* settles(actor);
  yield 10 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 36 * DAY_MS;
  await actor.says('Nobody answers my mails about the parking. I will go to RERA next week.');
}

async function* bereaved(actor: Actor): Story {
  yield* settles(actor);
  yield 10 * DAY_MS;
  await actor.isAskedToPay('plinth');
  yield 20 * DAY_MS;
  await actor.says('My husband passed away last week. Please tell me what happens with the flat.');
}

/** Some are late by a few days, some by weeks. */
function daysFor({ number }: Person): number {
  return (Number(number.slice(-1)) % 4) * 8;
}
