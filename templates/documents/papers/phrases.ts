import { DateTime } from 'luxon';
import { formatInr } from '../../money.ts';
import type { PaperFacts } from './facts.ts';

/** The languages that papers exist in. */
export type PaperLanguage = 'en' | 'hi';

/** `23 November 2026`, `23 नवंबर 2026`, with the words kept on one line. */
export function dayInWords(day: string, language: PaperLanguage): string {
  const date = DateTime.fromISO(day, { zone: 'utc' }).setLocale(language === 'hi' ? 'hi-IN' : 'en-IN');
  return date.toFormat('d\u00a0MMMM\u00a0yyyy');
}

/** Words that stay on one line. */
export function together(words: string): string {
  return words.replaceAll(' ', '\u00a0');
}

/** A sum as papers have it, with its paise. */
export function sum(amountPaise: number): string {
  return formatInr(amountPaise, { decimals: 'always' });
}

/** `5 %`, from basis points. */
export function percent(bps: number): string {
  return `${(bps / 100).toLocaleString('en-IN', { maximumFractionDigits: 2 })}\u00a0%`;
}

/** `Unit B-1203, Tower B · 3BHK · 1,086 sq ft carpet area` */
export function unitInWords(
  { number, tower, type, carpetAreaSqFt }: PaperFacts['unit'],
  language: PaperLanguage,
): string {
  const area = carpetAreaSqFt.toLocaleString('en-IN', { maximumFractionDigits: 2 });
  return language === 'hi'
    ? `यूनिट ${number}${tower ? `, टावर ${tower}` : ''} · ${type} · कार्पेट क्षेत्रफल ${area} वर्ग फ़ुट`
    : `Unit ${number}${tower ? `, Tower ${tower}` : ''} · ${type} · ${area} sq ft carpet area`;
}

const MILESTONES: Record<string, Record<PaperLanguage, string>> = {
  booking: { en: 'Booking', hi: 'बुकिंग' },
  agreement: { en: 'Agreement for sale', hi: 'विक्रय अनुबंध' },
  down_payment: { en: 'Down payment', hi: 'डाउन पेमेंट' },
  plinth: { en: 'Completion of plinth', hi: 'प्लिंथ का काम पूरा होना' },
  walls: {
    en: 'Walls, internal plaster, flooring, doors and windows',
    hi: 'दीवारें, भीतरी प्लास्टर, फ़र्श, दरवाज़े और खिड़कियाँ',
  },
  sanitary: {
    en: 'Sanitary fittings, staircases, lift wells and lobbies',
    hi: 'सैनिटरी फ़िटिंग, सीढ़ियाँ, लिफ़्ट वेल और लॉबी',
  },
  external: {
    en: 'External plumbing and plaster, terraces with waterproofing',
    hi: 'बाहरी प्लंबिंग और प्लास्टर, वाटरप्रूफ़िंग सहित छत',
  },
  lifts: { en: 'Lifts, electrical fittings and paving', hi: 'लिफ़्ट, बिजली की फ़िटिंग और फ़र्शबंदी' },
  possession: { en: 'Possession', hi: 'कब्ज़ा' },
};

/** A milestone of a payment plan as a buyer reads it; one that a project named itself is shown by that name. */
export function milestoneInWords(milestone: string, language: PaperLanguage): string {
  const slab = /^slab_(\d+)$/.exec(milestone)?.[1];
  if (slab) return language === 'hi' ? `स्लैब ${slab} का काम पूरा होना` : `Completion of slab ${slab}`;
  return MILESTONES[milestone]?.[language] ?? milestone.replaceAll('_', ' ');
}
