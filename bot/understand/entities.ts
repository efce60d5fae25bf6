import type { Entities } from '../../flows/types.ts';
import { readAmounts } from './amounts.ts';
import { bargainsIn } from './bargaining.ts';
import { readMoment } from './dates.ts';
import { masked, readIdentity } from './identity.ts';
import { isAboutOffersOnly } from './offers.ts';
import { readConfiguration, readUtr, withoutReferences } from './references.ts';
import { type Token, tokenise } from './tokens.ts';

/**
 * What a message states in figures: money, a day or moment, a bank reference, a home's size.
 * All of it is parsed by rules and must be confirmed with the buyer before anything rests on it.
 * Example: `readEntities('do bhk, budget 80-85 lakh, kal 4 baje', ...)` gives
 * `{configuration: '2BHK', amountPaise: 850000000, budgetPaise: 850000000, at}`
 */
export function readEntities(text: string, { now, timeZone }: { now: Date; timeZone: string }): Entities {
  const identity = readIdentity(text);
  const tokens = tokenise(withoutReferences(identity === undefined ? text : masked(text)));
  const money = readAmounts(tokens);
  const moment = readMoment(text, outside(tokens, money.used), { now, timeZone });
  const utr = readUtr(text);
  const configuration = readConfiguration(tokens);
  return {
    ...(money.amountPaise === undefined ? {} : { amountPaise: money.amountPaise }),
    ...(money.budgetPaise === undefined ? {} : { budgetPaise: money.budgetPaise }),
    ...moment,
    ...(utr === undefined ? {} : { utr }),
    ...(configuration === undefined ? {} : { configuration }),
    ...(bargainsIn(text) ? { bargains: true as const } : {}),
    ...(isAboutOffersOnly(text) ? { offersOnly: true as const } : {}),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** The tokens with those at the used places blanked, so that "80-85 lakh" is never read as a date too. */
function outside(tokens: Token[], used: ReadonlySet<number>): Token[] {
  return tokens.map((token, i) => (used.has(i) ? { key: '·', raw: '·', glued: false } : token));
}
