import { DateTime } from 'luxon';
import { z } from 'zod';
import type { Route } from '../flows/routing.ts';
import { LANGUAGES, type Language, type Shift, TEAMS, type Team, type WorkingHours } from '../flows/types.ts';

/** A team as people write it down, and as the product works with it. */

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MINUTES_OF_DAY = 24 * 60;

/** `mon-sat` -> 0 to 5; undefined when it is no day and no range of days. */
function daysOf(name: string): number[] | undefined {
  const [from = '', to = from, ...more] = name.split('-');
  const [first, last] = [DAYS.indexOf(from), DAYS.indexOf(to)];
  if (first < 0 || last < first || more.length > 0) return undefined;
  return DAYS.map((_day, index) => index).slice(first, last + 1);
}

/** `10:00-13:00, 14:00-19:00` -> shifts; undefined when they are no times, overlap or go past midnight. */
function shiftsOf(text: string): Shift[] | undefined {
  const shifts: Shift[] = [];
  let endedAt = 0;
  for (const part of text.split(',')) {
    const [, fromHour, from, toHour, to] =
      /^\s*([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)\s*$/.exec(part) ?? [];
    const shift = {
      fromMinute: Number(fromHour) * 60 + Number(from),
      toMinute: Number(toHour) * 60 + Number(to),
    };
    const isOrdered = shift.fromMinute >= endedAt && shift.fromMinute < shift.toMinute;
    if (!isOrdered || shift.toMinute > MINUTES_OF_DAY) return undefined;
    shifts.push(shift);
    endedAt = shift.toMinute;
  }
  return shifts;
}

const slackUser = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'must be a Slack user id, such as U0RIYASALES');
const day = z.iso.date('must be a day, such as 2026-12-25');
const phone = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number with its country, such as +919999900001');
const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be the slug of a project');

const hoursSchema = z
  .record(z.string(), z.string())
  .superRefine((hours, context) => {
    const named = new Set<number>();
    for (const [name, text] of Object.entries(hours)) {
      const issue = (message: string) => context.addIssue({ code: 'custom', path: [name], message });
      const days = daysOf(name);
      if (!days) issue(`must be a day (${DAYS.join(', ')}) or a range of days such as mon-sat`);
      if (days?.some((each) => named.has(each))) issue('names a day that is named before');
      for (const each of days ?? []) named.add(each);
      if (!shiftsOf(text))
        issue('must be times of one day in order, such as 10:00-19:00 or 10:00-13:00, 14:00-19:00');
    }
  })
  .transform((hours) => {
    const week: Shift[][] = DAYS.map(() => []);
    for (const [name, text] of Object.entries(hours))
      for (const index of daysOf(name) ?? []) week[index] = shiftsOf(text) ?? [];
    return week;
  });

const memberSchema = z.strictObject({
  id: slackUser,
  name: z.string().trim().min(1),
  /** Commands about campaigns may be typed on this WhatsApp. */
  phone: phone.optional(),
  languages: z.array(z.enum(LANGUAGES)).default([]),
  projects: z.array(slug).default([]),
  hours: hoursSchema.optional(),
  /** A day is the first one on which they are back. */
  awayUntil: z
    .union([day, z.iso.datetime({ offset: true })], {
      error: 'must be a day, such as 2026-12-01, or a time with its zone, such as 2026-12-01T14:00:00+05:30',
    })
    .optional(),
});

const some = <Value extends z.ZodType>(value: Value) => z.array(value).min(1);
const paise = z.int().positive();

/** Whose new buyers are: the first route whose criteria all fit. Lists hold what may be one of them. */
const routeSchema = z.strictObject({
  when: z
    .strictObject({
      /** A channel (`cloud`), or how they agreed to be written to (`lead_form`, `click_to_chat`, `import`). */
      source: some(z.string().trim().min(1)).optional(),
      project: some(slug).optional(),
      city: some(z.string().trim().min(1)).optional(),
      language: some(z.enum(LANGUAGES)).optional(),
      budgetFromPaise: paise.optional(),
      budgetBelowPaise: paise.optional(),
    })
    .refine((when) => Object.keys(when).length > 0, 'must name at least one criterion')
    .refine(
      ({ budgetFromPaise: from = 0, budgetBelowPaise: below = Number.POSITIVE_INFINITY }) => from < below,
      'must have a budget from less than the one below',
    ),
  to: some(slackUser),
});

/** What a team's file may hold. */
export const teamSchema = z
  .strictObject({
    team: z.enum(TEAMS),
    hours: hoursSchema,
    holidays: z.array(z.strictObject({ date: day, name: z.string().trim().min(1) })).default([]),
    lead: slackUser.optional(),
    deputy: slackUser.optional(),
    members: z.array(memberSchema).superRefine((members, context) => {
      for (const [index, { id, phone }] of members.entries()) {
        const before = members.slice(0, index);
        const issue = (field: string, message: string) =>
          context.addIssue({ code: 'custom', path: [index, field], message });
        if (before.some((each) => each.id === id)) issue('id', 'is in the team already');
        if (phone && before.some((each) => each.phone === phone)) issue('phone', "is another member's");
      }
    }),
    routes: z.array(routeSchema).default([]),
  })
  .superRefine(({ members, routes }, context) => {
    for (const [index, { to }] of routes.entries())
      for (const id of to)
        if (!members.some((member) => member.id === id))
          context.addIssue({
            code: 'custom',
            path: ['routes', index, 'to'],
            message: `${id} is not in the team`,
          });
  });
type TeamFile = z.infer<typeof teamSchema>;

/** A member whom new cases may fall to. No languages or no projects means all of them. */
export type TeamMember = {
  id: string;
  name: string;
  phone?: string;
  languages: Language[];
  projects: string[];
  hours: WorkingHours;
  awayUntil?: Date;
};

export type TeamSetup = {
  team: Team;
  hours: WorkingHours;
  lead?: string;
  deputy?: string;
  members: TeamMember[];
  /** Whose new buyers are, first of all. */
  routes: Route[];
};

/** The team of a file, in the zone of the product. */
export function setupOf(
  { team, hours, holidays, lead, deputy, members, routes }: TeamFile,
  timeZone: string,
): TeamSetup {
  const closed = holidays.map(({ date }) => date);
  const working = (week: Shift[][]): WorkingHours => ({ timeZone, week, holidays: closed });
  return {
    team,
    hours: working(hours),
    ...(lead && { lead }),
    ...(deputy && { deputy }),
    members: members.map(({ hours: own, awayUntil, phone, ...member }) => ({
      ...member,
      ...(phone && { phone }),
      hours: working(own ?? hours),
      ...(awayUntil && { awayUntil: DateTime.fromISO(awayUntil, { zone: timeZone }).toJSDate() }),
    })),
    routes,
  };
}

/** An invented team, as an example of a file. */
export const EXAMPLE_TEAM: z.input<typeof teamSchema> = {
  team: 'sales',
  hours: { 'mon-sat': '10:00-19:00', sun: '11:00-16:00' },
  holidays: [
    { date: '2026-12-25', name: 'Christmas' },
    { date: '2027-01-26', name: 'Republic Day' },
  ],
  lead: 'U0RIYASALES',
  deputy: 'U0ARJUNSALE',
  members: [
    { id: 'U0RIYASALES', name: 'Riya Malhotra', languages: ['en', 'hi'], projects: [] },
    {
      id: 'U0ARJUNSALE',
      name: 'Arjun Nair',
      languages: ['en'],
      projects: ['greenfield-heights'],
      hours: { 'tue-sat': '10:00-13:00, 14:00-19:00' },
      awayUntil: '2026-12-01',
    },
  ],
  routes: [
    { when: { budgetFromPaise: 1_50_00_000_00, city: ['Noida'] }, to: ['U0RIYASALES'] },
    { when: { source: ['lead_form'], project: ['greenfield-heights'] }, to: ['U0ARJUNSALE'] },
    { when: { language: ['hi', 'hinglish'] }, to: ['U0RIYASALES'] },
  ],
};
