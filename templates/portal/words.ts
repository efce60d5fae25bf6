import { english } from './english.ts';
import { hindi } from './hindi.ts';

/** The languages that the buyer's pages are written in. Who writes Hinglish reads English. */
export const PAGE_LANGUAGES = ['en', 'hi'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** Every word of the buyer's pages that does not come from records: approved copy, as what is said in chat. */
export type PageWords = typeof english;

export const PAGE_WORDS: Record<PageLanguage, PageWords> = { en: english, hi: hindi };
