import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Models } from '../../models/models.ts';
import type { PageLanguage } from '../../templates/portal/words.ts';
import type { Config } from '../config.ts';
import { Folders } from '../documents/folders.ts';
import { MoneyPapers } from '../documents/moneyPapers.ts';
import type { Vault } from '../documents/vault.ts';
import type { Happenings } from '../happenings.ts';
import { PaymentDesk } from '../paymentDesk.ts';
import type { Portfolio } from '../portfolio.ts';
import { VisitDesk } from '../visitDesk.ts';
import type { CodeBook } from './codes.ts';
import { Cookies } from './cookies.ts';
import type { PortalLinks } from './links.ts';
import { createPortal } from './portal.ts';
import { StepUp } from './stepUp.ts';

/** What the process has that the portal is made from. */
export type PortalMaking = {
  models: Models;
  config: Pick<Config, 'publicUrl' | 'timeZone'>;
  portfolio: Portfolio;
  vault: Vault;
  happenings: Happenings;
  portalLinks: PortalLinks;
  codeBook: CodeBook;
  secret: string;
  now: () => Date;
  log: Logger;
};

/** Makes the portal, and hands it what the desks of visits, papers and money do. */
export function createPortalOf(making: PortalMaking): Router {
  const { models, config, portfolio, vault, happenings, portalLinks, codeBook, secret, now, log } = making;
  const { publicUrl, timeZone } = config;
  const projectOf = (slug: string) => portfolio.published(slug, now());
  const folders = new Folders({ ...models, vault, happenings, now });
  const claims = new PaymentDesk({ models });
  const moneyPapers = new MoneyPapers({ models, projectOf, timeZone });
  const visits = new VisitDesk({
    models,
    portfolio,
    conversationOf: (buyer) => conversationOf(models, buyer),
    now,
  });
  return createPortal({
    models,
    buyers: models.buyers,
    papers: folders,
    visits,
    claims: { claim: (claim) => claims.claim(claim, now()) },
    letters: {
      demandLetter: async (demand, buyer, language) => {
        const payUrl = await portalLinks.issue({ buyer, page: 'pay' }, now());
        return (await moneyPapers.demandLetter(demand, language, payUrl, now())).document;
      },
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
    projectOf,
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
