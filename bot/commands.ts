import { type LeadStage, TEAMS } from '../flows/types.ts';
import type { BuyerSearch, CampaignCommand, Command, CommandMistake } from '../inbox/slack/command.ts';
import type { CampaignAudience } from '../models/campaign.ts';
import { nearest, readWords, shown, unexpected, Words } from './commandText.ts';
import { readAgreement, readDemand, readDues } from './saleGrammar.ts';

/**
 * The one grammar of chat commands, for Slack and for staff on WhatsApp. Pure: what projects, templates and
 * campaigns there are is for whoever runs the command.
 */

/** Where it was typed: some commands show what only Slack can show. */
export type Surface = 'slack' | 'whatsapp';

const CAMPAIGN_ACTS = ['status', 'pause', 'resume', 'stop'] as const;
const SHARED = ['remind', ...CAMPAIGN_ACTS, 'lead', 'tag', 'who', 'help'] as const;
const VERBS: Record<Surface, readonly string[]> = {
  slack: [...SHARED, 'case', 'buyer', 'inbox', 'bot', 'book', 'demand', 'agreement', 'dues', 'milestones'],
  whatsapp: SHARED,
};
const AUDIENCES = ['overdue', 'due', 'kyc', 'visits'];
const FILTERS = ['project', 'tower', 'template'] as const;
const LISTS = ['mine', 'unassigned', 'snoozed'] as const;
/** Where a person may put a lead: it begins by itself, and who books is booked by the booking. */
const STAGES: Record<string, LeadStage> = {
  engaged: 'Engaged',
  qualified: 'Qualified',
  visit: 'Visit',
  negotiation: 'Negotiation',
  lost: 'Lost',
};
const TAG = /^[+-]\p{L}[\p{L}\p{M}\p{N}_-]{0,29}$/u;
const MOST_REASON_CHARACTERS = 200;
const MOST_DAYS = 365;
const MOST_NAME_CHARACTERS = 80;
/** A number that is written without its country is one of ours. */
const HOME_COUNTRY = '91';

const SHARED_HELP = [
  'remind overdue >7d project:greenfield tower:B template:payment_overdue at 10:00',
  'remind due 5d · remind kyc missing · remind visits tomorrow',
  'status, pause, resume or stop <campaign>',
  'lead <phone or name> negotiation · lead <phone or name> lost <reason>',
  'tag <phone or name> +nri -vip',
  'who <phone or unit>',
  'help',
];
export const COMMAND_HELP: Record<Surface, readonly string[]> = {
  slack: [
    'case L-12',
    'buyer <phone, name or unit>',
    'inbox mine · inbox unassigned · inbox snoozed',
    'milestones · milestones <team>',
    'bot pause <buyer> · bot resume <buyer>',
    'book <buyer>',
    'demand B-1203 slab_2 certificate:"Anand Rao",2026-11-20 · demand tower:B slab_2 certificate:…',
    'agreement B-1203 2026-11-20 · dues [project]',
    ...SHARED_HELP,
  ],
  whatsapp: SHARED_HELP,
};

/** What a line means, or what is wrong with it. Never throws. */
export function parseCommand(text: string, surface: Surface = 'slack'): Command | CommandMistake {
  const words = readWords(text);
  if (!(words instanceof Words)) return words;
  const verb = words.next()?.toLowerCase() ?? 'help';
  if (verb !== '?' && !VERBS[surface].includes(verb)) return unknownVerb(verb, surface);
  const command = readCommand(verb, words);
  if ('error' in command) return command;
  const left = words.peek();
  return left === undefined ? command : unexpected(left, 'nothing more here');
}

function unknownVerb(verb: string, surface: Surface): CommandMistake {
  const near = nearest(verb, VERBS[surface]);
  const guess = near ? ` Did you mean “${near}”?` : '';
  return { error: `I do not know “${shown(verb)}”.${guess}`, help: true };
}

function readCommand(verb: string, words: Words): Command | CommandMistake {
  switch (verb) {
    case 'remind':
      return readReminder(words);
    case 'case':
      return readCase(words);
    case 'who':
      return readWho(words);
    case 'buyer':
      return searchCommand(readBuyer(words), (search) => ({ kind: 'buyer', search }));
    case 'inbox':
      return readInbox(words);
    case 'bot':
      return readBot(words);
    case 'milestones':
      return readMilestones(words);
    case 'book':
      return searchCommand(readBuyer(words), (search) => ({ kind: 'book', search }));
    case 'demand':
      return readDemand(words);
    case 'agreement':
      return readAgreement(words);
    case 'dues':
      return readDues(words);
    case 'lead':
      return readLead(words);
    case 'tag':
      return readTag(words);
    default:
      return CAMPAIGN_ACTS.some((act) => act === verb) ? readCampaign(verb, words) : { kind: 'help' };
  }
}

function readReminder(words: Words): CampaignCommand | CommandMistake {
  const audience = readAudience(words);
  if ('error' in audience) return audience;
  const filters: Extract<CampaignCommand, { kind: 'remind' }>['filters'] = {};
  let at: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word.toLowerCase() === 'at') {
      const time = readTime(words);
      if (typeof time !== 'string') return time;
      if (at !== undefined) return { error: 'There are two times: say “at” once.' };
      at = time;
    } else {
      const filter = readFilter(word);
      if ('error' in filter) return filter;
      if (filters[filter.name] !== undefined)
        return { error: `“${filter.name}:” is there twice: say it once.` };
      filters[filter.name] = filter.value;
    }
  }
  return { kind: 'remind', audience, filters, ...(at !== undefined && { at }) };
}

function readAudience(words: Words): CampaignAudience | CommandMistake {
  const word = words.next();
  switch (word?.toLowerCase()) {
    case 'overdue': {
      // Without a duration: whatever is overdue at all.
      if (!/^[>\d]/.test(words.peek() ?? '')) return { kind: 'overdue', moreThanDays: 0 };
      const moreThanDays = readDays(words, 0);
      return typeof moreThanDays === 'number' ? { kind: 'overdue', moreThanDays } : moreThanDays;
    }
    case 'due': {
      const withinDays = readDays(words, 1);
      return typeof withinDays === 'number' ? { kind: 'due', withinDays } : withinDays;
    }
    case 'kyc': {
      const what = words.next();
      if (what?.toLowerCase() === 'missing') return { kind: 'kycMissing' };
      return unexpected(what, '“missing” after “kyc”', ['missing']);
    }
    case 'visits': {
      const day = words.next();
      const known = (['today', 'tomorrow'] as const).find((each) => each === day?.toLowerCase());
      return known
        ? { kind: 'visits', day: known }
        : unexpected(day, '“today” or “tomorrow”', ['today', 'tomorrow']);
    }
    default:
      return unexpected(word, 'overdue, due, kyc or visits', AUDIENCES);
  }
}

/** `>7d`, `> 7 days`, `2w`: a number of days. */
function readDays(words: Words, least: number): number | CommandMistake {
  const expected = `a duration from ${least} to ${MOST_DAYS} days, such as 5d or 2w`;
  const found = /^(?:>\s?)?(\d{1,6})\s?(d|days?|w|weeks?)(?=\s|$)/i.exec(words.ahead(3));
  if (!found) return unexpected(words.next(), expected);
  const days = Number(found[1]) * (found[2]?.toLowerCase().startsWith('w') ? 7 : 1);
  if (days < least || days > MOST_DAYS) return unexpected(found[0], expected);
  words.skip(found[0].split(' ').length);
  return days;
}

/** `10:00`, `9.30`, `10 am`: a time of day as `HH:MM`. */
function readTime(words: Words): string | CommandMistake {
  const expected = 'a time of day after “at”, such as 10:00 or 4:30pm';
  const found = /^(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?(?=\s|$)/i.exec(words.ahead(2));
  const [all = '', hourText, minuteText, half] = found ?? [];
  if (!found || (minuteText === undefined && half === undefined)) return unexpected(words.next(), expected);
  const hour = Number(hourText);
  const minute = Number(minuteText ?? 0);
  const isReal = half === undefined ? hour <= 23 : hour >= 1 && hour <= 12;
  if (!isReal || minute > 59) return unexpected(all, expected);
  words.skip(all.split(' ').length);
  const hours = half === undefined ? hour : (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  return `${String(hours).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

const FILTER_VALUE: Record<(typeof FILTERS)[number], { form: RegExp; expected: string }> = {
  project: { form: /^[a-z0-9]+(?:-[a-z0-9]+)*$/, expected: 'a project such as project:greenfield-heights' },
  tower: {
    form: /^[\p{L}\p{Nd}]+(?:[ -][\p{L}\p{Nd}]+)*$/u,
    expected: 'a tower such as tower:B or tower:"Block 2"',
  },
  template: { form: /^[a-z][a-z0-9_]*$/, expected: 'a template such as template:payment_overdue' },
};

function readFilter(word: string): { name: (typeof FILTERS)[number]; value: string } | CommandMistake {
  const colon = word.indexOf(':');
  const given = (colon < 0 ? word : word.slice(0, colon)).toLowerCase();
  const name = FILTERS.find((each) => each === given);
  if (!name || colon < 0) {
    const options = ['at', ...FILTERS.map((each) => `${each}:`)];
    return unexpected(
      colon < 0 ? word : `${given}:`,
      'project:, tower:, template: or a time with “at”',
      options,
    );
  }
  const value = word.slice(colon + 1).trim();
  const { form, expected } = FILTER_VALUE[name];
  const normal = name === 'tower' ? value.toUpperCase() : value.toLowerCase();
  return normal.length <= 60 && form.test(normal) ? { name, value: normal } : unexpected(word, expected);
}

function readCampaign(verb: string, words: Words): CampaignCommand | CommandMistake {
  const act = CAMPAIGN_ACTS.find((each) => each === verb) ?? 'status';
  const campaign = words.next();
  if (campaign === undefined || !/^[\w-]{1,60}$/.test(campaign)) {
    return unexpected(campaign, `the name of a campaign after “${act}”`);
  }
  return { kind: 'campaign', act, campaign: campaign.toLowerCase() };
}

function readCase(words: Words): Command | CommandMistake {
  const given = words.rest();
  const found = /^([a-z])[ -]?(\d{1,9})$/i.exec(given);
  if (!found) return unexpected(given || undefined, 'a ticket such as L-12');
  return { kind: 'case', ticket: `${found[1]?.toUpperCase()}-${Number(found[2])}` };
}

function readWho(words: Words): Command | CommandMistake {
  const given = words.ahead(10) || undefined;
  return searchCommand(readBuyer(words), (search) =>
    search.kind === 'name'
      ? unexpected(given, 'a phone number or a unit such as B-1204')
      : { kind: 'buyer', search },
  );
}

function readInbox(words: Words): Command | CommandMistake {
  const word = words.next() ?? 'mine';
  const list = LISTS.find((each) => each === word.toLowerCase());
  return list ? { kind: 'inbox', list } : unexpected(word, 'mine, unassigned or snoozed', LISTS);
}

function readMilestones(words: Words): Command | CommandMistake {
  const word = words.next();
  if (word === undefined) return { kind: 'milestones' };
  const team = TEAMS.find((each) => each === word.toLowerCase());
  return team ? { kind: 'milestones', team } : unexpected(word, 'a team such as sales', TEAMS);
}

/** `lead <who> [project:<slug>] <stage> [reason]`: only a loss has a reason, and it needs one. */
function readLead(words: Words): Command | CommandMistake {
  const given = words.rest().split(' ');
  const at = given.findIndex((word, index) => index > 0 && stageNamed(word));
  const stage = stageNamed(given[at] ?? '');
  const names = Object.keys(STAGES);
  if (!stage)
    return unexpected(given.length > 1 ? given.at(-1) : undefined, `a stage: ${names.join(', ')}`, names);
  const before = given.slice(0, at);
  const project = before.find((word) => /^project:/i.test(word));
  const slug = project?.slice('project:'.length).toLowerCase();
  if (slug !== undefined && !FILTER_VALUE.project.form.test(slug))
    return unexpected(project, FILTER_VALUE.project.expected);
  const reason = given.slice(at + 1).join(' ');
  if (stage === 'Lost' && !reason) return { error: 'Please say why: lead <phone or name> lost <reason>.' };
  if (stage !== 'Lost' && reason) return unexpected(reason, 'nothing more here');
  if (reason.length > MOST_REASON_CHARACTERS)
    return { error: `The reason is too long: ${MOST_REASON_CHARACTERS} characters are the most.` };
  const who = new Words(before.filter((word) => word !== project));
  return searchCommand(readBuyer(who), (search) => ({
    kind: 'lead',
    search,
    stage,
    ...(slug !== undefined && { project: slug }),
    ...(reason && { reason }),
  }));
}

function stageNamed(word: string): LeadStage | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
}

/** `tag <who> +nri -vip`: at least one, and none both ways. */
function readTag(words: Words): Command | CommandMistake {
  const given = words.rest().split(' ').filter(Boolean);
  const tags = given.filter((word) => TAG.test(word)).map((word) => word.toLowerCase());
  const named = (sign: string) => [
    ...new Set(tags.filter((tag) => tag.startsWith(sign)).map((tag) => tag.slice(1))),
  ];
  const [add, remove] = [named('+'), named('-')];
  const both = add.find((tag) => remove.includes(tag));
  if (both) return { error: `“${shown(both)}” is added and taken away: say one of them.` };
  if (tags.length === 0) return unexpected(given[1], 'tags after the buyer, such as +nri or -vip');
  const who = new Words(given.filter((word) => !TAG.test(word)));
  return searchCommand(readBuyer(who), (search) => ({ kind: 'tag', search, add, remove }));
}

function readBot(words: Words): Command | CommandMistake {
  const word = words.next();
  const act = (['pause', 'resume'] as const).find((each) => each === word?.toLowerCase());
  if (!act) return unexpected(word, '“pause” or “resume”', ['pause', 'resume']);
  return searchCommand(readBuyer(words), (search) => ({ kind: 'bot', act, search }));
}

function searchCommand(
  search: BuyerSearch | CommandMistake,
  make: (search: BuyerSearch) => Command | CommandMistake,
): Command | CommandMistake {
  return 'error' in search ? search : make(search);
}

/** Who is meant by all that is left of the line: a number in any writing, a unit, or the beginning of a name. */
function readBuyer(words: Words): BuyerSearch | CommandMistake {
  const given = words.rest();
  const expected = 'a phone number, a name or a unit such as B-1204';
  if (given === '') return unexpected(undefined, expected);
  const digits = latinDigits(given).replace(/\D/g, '');
  const isNumeric = !/\p{L}/u.test(given);
  if (isNumeric && digits.length >= 7) {
    const phone = phoneOf(latinDigits(given).trim(), digits);
    return phone ? { kind: 'phone', phone } : unexpected(given, 'a phone number such as 99999 00001');
  }
  if (/^[a-z]{0,3}\d{0,2}[-/ ]?\d{1,5}[a-z]?$/i.test(given)) {
    return { kind: 'unit', unit: given.toUpperCase().replaceAll(' ', '-') };
  }
  if (isNumeric || given.length < 2 || given.length > MOST_NAME_CHARACTERS)
    return unexpected(given, expected);
  return { kind: 'name', name: given };
}

/** `+91 99999 00001`, `099999-00001` and `9999900001` are one number; undefined for what cannot be one. */
function phoneOf(given: string, digits: string): string | undefined {
  if (!/^[+\d\s().-]+$/.test(given)) return undefined;
  const national = /^0?(\d{10})$/.exec(digits)?.[1];
  const phone =
    national && !given.startsWith('+') ? `+${HOME_COUNTRY}${national}` : `+${digits.replace(/^00/, '')}`;
  return /^\+[1-9]\d{6,14}$/.test(phone) ? phone : undefined;
}

/** Digits of Devanagari as Latin ones. */
function latinDigits(text: string): string {
  return text.replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x0966));
}
