import type { PaperFacts } from '../../flows/types.ts';
import { inBatches } from '../../models/dues.ts';
import type { Models } from '../../models/models.ts';
import { doorOf } from '../../models/unit.ts';
import { type Folder, foldersOf, paperFactsOf } from '../documents/folder.ts';
import type { Portfolio } from '../portfolio.ts';
import type { Audiences, Candidate } from './audience.ts';
import { isInTower } from './towers.ts';

/** Who still has papers to send: every open booking by its checklist, whether or not anything has come in for it. */

export type PaperBooks = Pick<Models, 'bookings' | 'buyers' | 'documents'>;

/** The source of `remind kyc missing`: the first applicants of bookings whose papers are incomplete on their side. */
export function papersSource({
  books,
  portfolio,
}: {
  books: PaperBooks;
  portfolio: Portfolio;
}): Audiences['kycMissing'] {
  return {
    team: 'collections',
    purpose: 'service',
    templates: ['kyc_missing'],
    gives: { project: 'text', missing: 'papers' },
    hasTowers: true,
    async *candidates(_audience, { project, tower }, now) {
      for await (const batch of inBatches(books.bookings.eachOpen(project))) {
        const there = batch.filter(({ unit }) => isInTower(doorOf(unit), tower));
        const folders = await foldersOf(books, there);
        yield (
          await Promise.all(folders.map((folder) => candidateOf(folder, { books, portfolio, now })))
        ).flat();
      }
    },
    async recheck(about) {
      const booking = (await books.bookings.openOf([about])).get(about);
      const [folder] = booking ? await foldersOf(books, [booking]) : [];
      return folder && isLacking(await paperFactsOf(books, folder))
        ? { hasConsent: true }
        : { hasConsent: true, isGone: true };
    },
  };
}

async function candidateOf(
  folder: Folder,
  { books, portfolio, now }: { books: PaperBooks; portfolio: Portfolio; now: Date },
): Promise<Candidate[]> {
  const { booking } = folder;
  const [buyer] = booking.buyers;
  const facts = await paperFactsOf(books, folder);
  if (buyer === undefined || !isLacking(facts)) return [];
  const project = (await portfolio.project(booking.project, now))?.name ?? booking.project;
  const data = { project, missing: JSON.stringify(facts.withBuyer) };
  return [{ buyer, about: booking._id, data, facts: { hasConsent: true } }];
}

/** What was sent in chat and is not sorted yet may be just what is missing: people look at it first. */
function isLacking({ withBuyer, unsorted = 0 }: PaperFacts): boolean {
  return withBuyer.length > 0 && unsorted === 0;
}
