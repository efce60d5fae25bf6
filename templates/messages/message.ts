import { DateTime } from 'luxon';
import { z } from 'zod';
import { formatInr, formatInrShort } from '../money.ts';
import { CARE_COPY } from './careCopy.ts';
import { CONSENT_COPY } from './consentCopy.ts';
import {
  CAMPAIGN_COPY,
  CASE_COPY,
  CHOICE_COPY,
  type Copy,
  ENQUIRY_COPY,
  PEOPLE_COPY,
  type VariableType,
} from './copy.ts';
import { KYC_COPY } from './kycCopy.ts';
import { papersSchema, writePapers } from './papers.ts';
import { PAYMENT_COPY } from './paymentCopy.ts';
import { PORTAL_COPY } from './portalCopy.ts';
import { VISIT_COPY } from './visitCopy.ts';

/** Every piece of approved copy by key. */
export const COPY: Record<string, Copy> = {
  ...ENQUIRY_COPY,
  ...VISIT_COPY,
  ...CASE_COPY,
  ...PEOPLE_COPY,
  ...CAMPAIGN_COPY,
  ...CHOICE_COPY,
  ...KYC_COPY,
  ...PAYMENT_COPY,
  ...CONSENT_COPY,
  ...PORTAL_COPY,
  ...CARE_COPY,
};

/** The languages copy is written in. */
export const COPY_LANGUAGES = ['en', 'hi', 'hinglish'] as const;
type CopyLanguage = (typeof COPY_LANGUAGES)[number];

/**
 * A message ready to go: its text, and the approved Cloud API template that says the same, for when free text
 * is not allowed. `hasCode`: its first parameter is a one-time code, which Meta wants for a button as well.
 */
export type Message = {
  text: string;
  template: { name: string; languageCode: string; parameters: string[]; hasCode?: true };
};

/**
 * Fills the copy `key` in `language`. Dates are shown in `timeZone`. Throws an Error that names the key and
 * the variable when the key is unknown or a variable is missing or of the wrong type.
 */
export function renderMessage(
  key: string,
  language: CopyLanguage,
  data: Record<string, unknown>,
  timeZone: string,
): Message {
  const copy = COPY[key];
  if (!copy) throw new Error(`no copy named ${key}`);
  const written = new Map(
    Object.entries(copy.variables).map(([name, type]) => [
      name,
      write(key, name, type, data[name], language, timeZone),
    ]),
  );
  return {
    // One pass: braces inside a value are the buyer's own text and stay as they are.
    text: copy[language].replace(/\{(\w+)\}/g, (whole, name: string) => written.get(name) ?? whole),
    template: {
      ...templateName(key, language),
      parameters: [...written.values()],
      ...(copy.category === 'authentication' && { hasCode: true }),
    },
  };
}

/** The copy `key` as far as it can be filled; `missing` is written where a variable is not known yet. */
export function previewMessage(
  key: string,
  language: CopyLanguage,
  data: Record<string, unknown>,
  timeZone: string,
  missing: (name: string) => string,
): string {
  const copy = COPY[key];
  if (!copy) throw new Error(`no copy named ${key}`);
  return copy[language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const type = copy.variables[name];
    if (!type) return whole;
    return data[name] === undefined ? missing(name) : write(key, name, type, data[name], language, timeZone);
  });
}

/** Meta knows no Hinglish: its templates are registered under English with a suffix. */
function templateName(key: string, language: CopyLanguage): { name: string; languageCode: string } {
  return language === 'hinglish'
    ? { name: `baton_${key}_hinglish`, languageCode: 'en' }
    : { name: `baton_${key}`, languageCode: language };
}

const VALUE: Record<VariableType, z.ZodType> = {
  text: z.string(),
  buyerName: z.string(),
  moneyPaise: z.number().int(),
  exactPaise: z.number().int(),
  day: z.date(),
  dateTime: z.date(),
  shortDateTime: z.date(),
  durationMinutes: z.number().positive(),
  team: z.string(),
  papers: papersSchema,
};

function write(
  key: string,
  name: string,
  type: VariableType,
  value: unknown,
  language: CopyLanguage,
  timeZone: string,
): string {
  const checked = VALUE[type].safeParse(value);
  if (!checked.success) throw new Error(`copy ${key}: variable ${name} must be a ${type}`);
  if (value instanceof Date && type === 'day') return writeDay(value, language, timeZone);
  if (value instanceof Date) return writeMoment(value, type === 'shortDateTime', language, timeZone);
  if (type === 'moneyPaise') return formatInrShort(Number(value), language);
  if (type === 'exactPaise') return formatInr(Number(value));
  if (type === 'durationMinutes') return writeDuration(Number(value), language);
  if (type === 'papers') return writePapers(papersSchema.parse(value), language);
  if (type === 'buyerName') return `${value}`.trim() || NAMELESS[language];
  return type === 'team' ? (TEAM_WORDS[`${value}`]?.[language] ?? `${value}`) : `${value}`;
}

/** For who gave no name. WhatsApp takes no empty parameter of a template. */
const NAMELESS: Record<CopyLanguage, string> = { en: 'ji', hi: 'जी', hinglish: 'ji' };

function writeMoment(at: Date, short: boolean, language: CopyLanguage, timeZone: string): string {
  // The months of en-IN are up to four letters short (Sept), one too many for a button.
  const local = DateTime.fromJSDate(at, { zone: timeZone }).setLocale(language === 'hi' ? 'hi-IN' : 'en-US');
  const clock = local.toFormat(local.minute === 0 ? 'h' : 'h:mm');
  const half = local.hour < 12 ? 'am' : 'pm';
  if (language === 'hi') {
    // Hindi months and times of day are too long for a button.
    return short
      ? `${local.toFormat('ccc d/M')} ${clock} ${half}`
      : `${local.toFormat('cccc, d MMMM')}, ${dayPartHi(local.hour)} ${clock} बजे`;
  }
  return `${local.toFormat(short ? 'ccc d MMM' : 'cccc, d MMMM')}, ${clock} ${half}`;
}

function writeDay(at: Date, language: CopyLanguage, timeZone: string): string {
  const local = DateTime.fromJSDate(at, { zone: timeZone }).setLocale(language === 'hi' ? 'hi-IN' : 'en-US');
  return local.toFormat('d MMMM yyyy');
}

function dayPartHi(hour: number): string {
  if (hour < 4 || hour >= 20) return 'रात';
  if (hour < 12) return 'सुबह';
  return hour < 16 ? 'दोपहर' : 'शाम';
}

/** Hours only when they say exactly as much: this is a promise. */
function writeDuration(minutes: number, language: CopyLanguage): string {
  const inHours = minutes % 60 === 0;
  const amount = inHours ? minutes / 60 : Math.round(minutes);
  if (language === 'hi') return `${amount} ${inHours ? 'घंटे' : 'मिनट'}`;
  if (language === 'hinglish') return `${amount} ${inHours ? 'ghante' : 'minute'}`;
  const unit = inHours ? 'hour' : 'minute';
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

const TEAM_WORDS: Record<string, Record<CopyLanguage, string>> = {
  sales: { en: 'sales', hi: 'सेल्स', hinglish: 'sales' },
  collections: { en: 'collections', hi: 'कलेक्शन', hinglish: 'collections' },
  operations: { en: 'operations', hi: 'ऑपरेशंस', hinglish: 'operations' },
  legal: { en: 'legal', hi: 'लीगल', hinglish: 'legal' },
  site: { en: 'site', hi: 'साइट', hinglish: 'site' },
  support: { en: 'customer support', hi: 'ग्राहक सहायता', hinglish: 'customer support' },
};

/**
 * What an approved template reads like once its parameters are filled in, for channels that show it
 * themselves. Undefined when no template has this name.
 */
export function templateText(name: string, languageCode: string, parameters: string[]): string | undefined {
  const [, key = '', hinglish] = /^baton_(.+?)(_hinglish)?$/.exec(name) ?? [];
  const copy = COPY[key];
  if (!copy) return undefined;
  const language = hinglish ? 'hinglish' : languageCode === 'hi' ? 'hi' : 'en';
  const names = Object.keys(copy.variables);
  return copy[language].replace(
    /\{(\w+)\}/g,
    (whole, each: string) => parameters[names.indexOf(each)] ?? whole,
  );
}
