import { english } from './english.ts';
import { hindi } from './hindi.ts';
import { hinglish } from './hinglish.ts';

const COPY = { en: english, hi: hindi, hinglish };

/** The languages a brochure exists in. */
export type Language = keyof typeof COPY;

/** A title with the line that explains it. */
export type Point = { title: string; text: string };

/** Every word of the brochure that does not come from the project, in one language. */
export type Copy = {
  /** Of dates and weekdays, and of the document itself. */
  locale: 'en-IN' | 'hi-IN';
  reraNumber: string;
  homesLabel: string;
  locationLabel: string;
  priceLabel: string;
  pages: {
    overview: string;
    homes: string;
    amenities: string;
    location: string;
    visit: string;
  };
  overview: {
    sentence: (facts: { name: string; developer: string; homes: string; place: string }) => string;
    carpetAreas: string;
    amenities: string;
    amenityCount: (count: number) => string;
    nearest: string;
    possession: string;
    possessionText: (declared: string) => string;
  };
  homes: {
    title: string;
    type: string;
    carpetArea: string;
    squareFeet: string;
    squareMetres: string;
    price: string;
    toScale: string;
    note: string;
  };
  amenities: { title: string; note: string; named: Readonly<Record<string, string>> };
  location: { title: (locality: string) => string; kilometres: string; note: string };
  visit: {
    title: string;
    steps: readonly [Point, Point, Point];
    hours: string;
    openDays: (from: string, to: string) => string;
    hour: (hourOfDay: number) => string;
    closed: (weekdays: string) => string;
    host: string;
    address: string;
    openMap: string;
    registration: string;
    verify: (website: string) => string;
    important: string;
    issued: (date: string) => string;
  };
  /** What the law and good faith ask us to say. One sentence of meaning per item. */
  disclaimer: readonly string[];
};

/** The brochure's words in a language. */
export function copyIn(language: Language): Copy {
  return COPY[language];
}
