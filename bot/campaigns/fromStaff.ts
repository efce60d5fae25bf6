import type { CampaignCommand } from '../../inbox/slack/command.ts';
import type { Staff, StaffMembers } from '../../models/staff.ts';
import type { CampaignDesk } from '../campaigns.ts';

export type StaffCommandParts = {
  staff: Pick<StaffMembers, 'byPhone'>;
  desk: Pick<CampaignDesk, 'run' | 'act' | 'teamOf' | 'rehearsalText'>;
  /** The one grammar of chat commands. */
  parse: (text: string) => CampaignCommand | { kind: string } | { error: string };
};

const DECISION = /^(confirm|cancel)\s+(k-\d{1,9})$/i;
const REHEARSED = /^(k-\d+) is rehearsed/;

/**
 * A message that may be a command of a member of staff: the answer to send back, or undefined when it is to be taken
 * like any buyer's: the number is nobody's of the staff, or the words are no command about campaigns.
 */
export async function answerStaff(
  { staff, desk, parse }: StaffCommandParts,
  { phone, text }: { phone: string; text: string },
): Promise<string | undefined> {
  const member = await staff.byPhone(phone);
  if (!member) return undefined;
  const [, act, id] = DECISION.exec(text.trim()) ?? [];
  if (act && id) return decide(desk, act.toLowerCase() as 'confirm' | 'cancel', id.toLowerCase(), member);
  const command = parse(text);
  if ('error' in command || !isAboutCampaigns(command)) return undefined;
  const answer = await desk.run(command, { id: member._id, name: member.name });
  // There are no buttons here: the whole rehearsal is the answer.
  const rehearsed = REHEARSED.exec(answer)?.[1];
  return rehearsed ? desk.rehearsalText(rehearsed) : answer;
}

async function decide(
  desk: StaffCommandParts['desk'],
  act: 'confirm' | 'cancel',
  id: string,
  { _id, name, teams }: Staff,
): Promise<string> {
  const team = await desk.teamOf(id);
  if (!team || !teams.includes(team)) return `There is no campaign ${id} of your team.`;
  const staff = { id: _id, name };
  const words = await desk.act(act, id, staff);
  return words ?? desk.run({ kind: 'campaign', act: 'status', campaign: id }, staff);
}

function isAboutCampaigns(command: { kind: string }): command is CampaignCommand {
  return command.kind === 'remind' || command.kind === 'campaign';
}
