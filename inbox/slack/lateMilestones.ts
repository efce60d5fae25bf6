import type { Team } from '../../flows/types.ts';
import { type Block, clipped, escaped, markdown, shortTime } from './blocks.ts';
import { span } from './caseRows.ts';
import type { Answer } from './commands.ts';
import type { LateMilestone, ListenerParts, TeamMilestones } from './listening.ts';
import type { TeamMember } from './people.ts';
import { flowName, milestoneName, teamName } from './words.ts';

/** Milestone debt: what is late, with its age and whose it is, on Home and by `/baton milestones`. */

export type MilestoneDebt = { teams: Awaited<ReturnType<TeamMilestones['debt']>>; oldest: LateMilestone[] };

const MOST_LISTED = 20;
const NAME_CHARACTERS = 80;

/** `/baton milestones [team]`: of one team, or of those that the person is in; who is in none sees all. */
export async function answerMilestones(
  { milestoneDebt, now, timeZone }: ListenerParts,
  team: Team | undefined,
  member: TeamMember,
): Promise<Answer> {
  const owners = team ? [team] : member.teams;
  const [debt, late] = await Promise.all([
    milestoneDebt.debt(),
    milestoneDebt.late(MOST_LISTED, owners.length > 0 ? owners : undefined),
  ]);
  const concerned = debt.filter(({ owner }) => owners.length === 0 || owners.includes(owner));
  const whose = team ? ` of ${teamName(team)}` : '';
  if (late.length === 0) return { text: `No milestone${whose} is late.` };
  const count = Math.max(
    late.length,
    concerned.reduce((sum, each) => sum + each.late, 0),
  );
  const title = `*Milestones late${whose}: ${count}*`;
  const rest = count - late.length;
  const lines = [title, ...concerned.map((each) => debtRow(each, now()))];
  return {
    text: title,
    blocks: [
      { type: 'section', text: markdown(lines.join('\n')) },
      ...late.map((each): Block => ({ type: 'section', text: markdown(lateRow(each, now(), timeZone)) })),
      ...(rest > 0 ? [{ type: 'context' as const, elements: [markdown(`and ${rest} more`)] }] : []),
    ],
  };
}

/** `Operations: 3 late, the oldest by 4 d` */
export function debtRow({ owner, late, oldestDueAt }: MilestoneDebt['teams'][number], now: Date): string {
  return `*${teamName(owner)}*: ${late} late, the oldest by ${span(oldestDueAt, now)}`;
}

/** `Asha · Greenfield Heights, B-1203 · papers complete`, then its age and whose it is. */
export function lateRow(found: LateMilestone, now: Date, timeZone: string): string {
  const { buyer, about, flow, name, owner, dueAt } = found;
  const who = escaped(clipped(buyer || 'Unknown buyer', NAME_CHARACTERS));
  const what = escaped(clipped(`${milestoneName(name)} (${flowName(flow)})`, NAME_CHARACTERS));
  return (
    `*${who}* · ${escaped(clipped(about, NAME_CHARACTERS))} · ${what}\n` +
    `:red_circle: late by ${span(dueAt, now)}, was due ${shortTime(dueAt, timeZone)} · ${teamName(owner)}`
  );
}
