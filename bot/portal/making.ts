import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Models } from '../../models/models.ts';
import type { PageLanguage } from '../../templates/portal/words.ts';
import type { Config } from '../config.ts';
import type { MoneyPapers } from '../documents/moneyPapers.ts';
import type { Vault } from '../documents/vault.ts';
import type { Happenings } from '../happenings.ts';
import type { PaymentDesk } from '../paymentDesk.ts';
import type { Portfolio } from '../portfolio.ts';
import type { CodeBook } from './codes.ts';
import { Cookies } from './cookies.ts';
import type { PaperDesk, VisitBook } from './desks.ts';
import type { PortalLinks } from './links.ts';
import { createPortal } from './portal.ts';
import { StepUp } from './stepUp.ts';

/** What the process has that the portal is made from. */
export type PortalMaking = {
  models: Models;
  config: Pick<Config, 'publicUrl' | 'timeZone'>;
  portfolio: Portfolio;
  vault: Vault;
  happenings: Pick<Happenings, 'answerPage'>;
  folders: PaperDesk;
  visitDesk: VisitBook;
  paymentDesk: Pick<PaymentDesk, 'claim'>;
  moneyPapers: Pick<MoneyPapers, 'demandLetter' | 'receipt'>;
  portalLinks: PortalLinks;
  codeBook: CodeBook;
  secret: string;
  now: () => Date;
  log: Logger;
};

/** Makes the portal, and hands it what the desks of visits, papers and money do. */
export function createPortalOf(making: PortalMaking): Router {
  const { models, config, portfolio, vault, happenings, portalLinks, codeBook, secret, now, log } = making;
  const { folders, visitDesk, paymentDesk, moneyPapers } = making;
  const { publicUrl, timeZone } = config;
  return createPortal({
    models,
    buyers: models.buyers,
    papers: folders,
    visits: visitDesk,
    claims: { claim: (claim) => paymentDesk.claim(claim, now()) },
    letters: {
      // Who passes this letter on does not pass a link on: its address opens only with a session.
      demandLetter: async (demand, language) =>
        (await moneyPapers.demandLetter(demand, language, `${publicUrl}/portal/pay`)).document,
      receipt: async (number, language) => (await moneyPapers.receipt(number, language)).document,
    },
    messenger: happenings,
    vault,
    links: portalLinks,
    cookies: new Cookies({
      sessions: models.portalSessions,
      secret,
      isHttps: publicUrl.startsWith('https:'),
    }),
    stepUp: new StepUp({
      codes: models.portalCodes,
      sessions: models.portalSessions,
      book: codeBook,
      send: (buyer, code, expiresAt) =>
        happenings.answerPage(buyer, `portal-code:${code}`, {
          template: 'portal_code',
          data: {},
          code,
          expiresAt,
          why: 'the buyer asked for a code on their page',
        }),
      newId: randomUUID,
    }),
    languageOf: (buyer) => languageOf(models, buyer),
    projectOf: (slug) => portfolio.published(slug, now()),
    projectsOnSale: () => portfolio.onSale(now()),
    secret,
    timeZone,
    now,
    newId: randomUUID,
    log,
  });
}

async function conversationOf(
  { conversations }: Pick<Models, 'conversations'>,
  buyer: string,
): Promise<string> {
  return (await conversations.idsOf(buyer))[0] ?? '';
}

/** The language in which the buyer writes; who writes Hinglish reads English. */
async function languageOf(
  { conversations }: Pick<Models, 'conversations'>,
  buyer: string,
): Promise<PageLanguage> {
  const conversation = await conversations.latest(await conversationOf({ conversations }, buyer));
  return conversation?.state.language === 'hi' ? 'hi' : 'en';
}
