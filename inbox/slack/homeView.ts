import { DateTime } from 'luxon';
import type { Case } from '../../models/case.ts';
import type { Visit } from '../../models/visit.ts';
import { type Block, clipped, escaped, markdown, shortTime } from './blocks.ts';
import { caseRow, type RowContext } from './caseRows.ts';
import { debtRow, lateRow, type MilestoneDebt } from './lateMilestones.ts';

/** What the Home tab shows. Pure. */

/** How many rows a section has; the count beside its title tells of more. */
export const HOME_ROWS = 8;
/** How many milestones, of all that are late, stand there with their buyer. */
export const HOME_MILESTONES = 5;
export const HOME_REFRESH = 'home_refresh';
const NAME_CHARACTERS = 80;

export type HomeSection<Row> = { count: number; rows: Row[] };

/** A visit with the name of who comes, and the case about it, when one is open. */
export type VisitRow = { visit: Visit; name: string; found: Case | undefined };

export type HomeContent = {
  mine: HomeSection<Case>;
  unassigned: HomeSection<Case>;
  snoozed: HomeSection<Case>;
  atRisk: HomeSection<Case>;
  visits: HomeSection<VisitRow>;
  promises: HomeSection<Case>;
  debt: MilestoneDebt;
};

type HomeView = { type: 'home'; blocks: Block[] };

/** The tab of a member of the team. */
export function homeView(content: HomeContent, context: RowContext): HomeView {
  const { mine, unassigned, snoozed, atRisk, visits, promises, debt } = content;
  const row = (found: Case) => caseRow(found, context);
  const sections = [
    section('Mine', mine, row, 'Nothing is waiting for you.'),
    section('Unassigned in your teams', unassigned, row, 'Every case has an owner.'),
    section('Snoozed', snoozed, row, 'Nothing is snoozed.'),
    section('At risk', atRisk, row, 'No case is past half of its time.'),
    section('Visits today', visits, (visit) => visitRow(visit, context), 'No visit is booked for today.'),
    section('Promised for today', promises, row, 'No payment is promised for today.'),
    debtSection(debt, context),
  ];
  const counts = [
    `*${mine.count}* mine`,
    `*${unassigned.count}* unassigned`,
    `*${snoozed.count}* snoozed`,
    `*${atRisk.count}* at risk`,
    `*${visits.count}* visits today`,
    `*${promises.count}* promised for today`,
  ];
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'Your inbox' } },
      {
        type: 'section',
        block_id: 'home_counts',
        text: markdown(counts.join('  ·  ')),
        accessory: {
          type: 'button',
          action_id: HOME_REFRESH,
          text: { type: 'plain_text', text: 'Refresh' },
          value: 'refresh',
        },
      },
      ...sections.flat(),
    ],
  };
}

/** The tab of somebody who is not of the team. */
export function strangerView(whoMay: string): HomeView {
  const text = `*Hello.* This is where the team finds the buyers’ cases that wait for an answer.\n${whoMay}`;
  return { type: 'home', blocks: [{ type: 'section', text: markdown(text) }] };
}

/** The cases that stand in the tab. */
export function casesOf(content: HomeContent): Case[] {
  const { mine, unassigned, snoozed, atRisk, visits, promises } = content;
  const lists = [mine, unassigned, snoozed, atRisk, promises].flatMap(({ rows }) => rows);
  const all = [...lists, ...visits.rows.flatMap(({ found }) => found ?? [])];
  return [...new Map(all.map((each) => [each._id, each])).values()];
}

/** The day in which `now` lies: from its first moment to the first one of the next day. */
export function dayOf(now: Date, timeZone: string): { from: Date; to: Date } {
  const start = DateTime.fromJSDate(now, { zone: timeZone }).startOf('day');
  return { from: start.toJSDate(), to: start.plus({ days: 1 }).toJSDate() };
}

function section<Row>(
  title: string,
  { count, rows }: HomeSection<Row>,
  textOf: (row: Row) => string,
  none: string,
): Block[] {
  const more = count - rows.length;
  const line = (text: string): Block => ({ type: 'section', text: markdown(text) });
  const note = (text: string): Block => ({ type: 'context', elements: [markdown(text)] });
  return [
    { type: 'divider' },
    line(`*${title} (${count})*`),
    ...rows.map((row) => line(textOf(row))),
    ...(count === 0 ? [note(none)] : []),
    ...(more > 0 ? [note(`and ${more} more`)] : []),
  ];
}

/** What each team is late with, and the oldest of it all. */
function debtSection({ teams, oldest }: MilestoneDebt, { now, timeZone }: RowContext): Block[] {
  const count = teams.reduce((sum, { late }) => sum + late, 0);
  const rows = oldest.map((each) => lateRow(each, now, timeZone));
  const [title, ...others] = section(
    'Milestones late',
    { count, rows },
    (row) => row,
    'No milestone is late.',
  ).slice(1);
  if (!title) return [];
  const perTeam = teams.map((each) => debtRow(each, now)).join('\n');
  const byTeam: Block[] = perTeam ? [{ type: 'section', text: markdown(perTeam) }] : [];
  return [{ type: 'divider' }, title, ...byTeam, ...others];
}

function visitRow({ visit, name, found }: VisitRow, { links, timeZone }: RowContext): string {
  const who = escaped(clipped(name || 'Unknown buyer', NAME_CHARACTERS));
  const link = found && links.get(found._id);
  const ticket = found ? ` · ${link ? `<${link}|${found.ticket}>` : found.ticket}` : '';
  return `*${shortTime(visit.at, timeZone)}* · ${who} · ${escaped(visit.project)}${ticket}`;
}
