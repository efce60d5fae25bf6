import type { CampaignCommand, LeadCommand } from '../../inbox/slack/command.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { InboundRecord } from '../../models/inbound.ts';
import type { Staff, StaffMembers } from '../../models/staff.ts';
import type { CampaignDesk } from '../campaigns.ts';
import { parseCommand } from '../commands.ts';
import type { LeadDesk } from '../leadDesk.ts';

export type StaffCommandParts = {
  staff: Pick<StaffMembers, 'byPhone'>;
  buyers: Pick<Buyers, 'handlesOf'>;
  desk: Pick<CampaignDesk, 'run' | 'act' | 'mayAct' | 'rehearsalText'>;
  leads: Pick<LeadDesk, 'run'>;
};

/** What staff may type on their own WhatsApp. */
type StaffCommand =
  | CampaignCommand
  | LeadCommand
  | { kind: 'decision'; act: 'confirm' | 'cancel'; campaign: string };

const DECISION = /^(confirm|cancel)\s+(k-\d{1,9})$/i;
const REHEARSED = /^(k-\d+) is rehearsed/;
/** WhatsApp takes 4,096 characters. */
const LONGEST_ANSWER = 4_000;
const KEPT = 100;

/** Commands about campaigns and leads that members of staff type on their own WhatsApp. */
export class StaffCommands {
  private readonly parts: StaffCommandParts;
  /** By message: a turn that is decided again must not run its commands again. */
  private readonly answers = new Map<string, Promise<string>>();

  constructor(parts: StaffCommandParts) {
    this.parts = parts;
  }

  /**
   * Runs the commands among these messages and answers them, by the id of the message. Any other message is a
   * buyer's: what is no command, and whatever comes from a number that is nobody's of the staff.
   */
  async take(records: InboundRecord[]): Promise<Map<string, string>> {
    const answers = new Map<string, string>();
    for (const record of records) {
      const command = commandIn(record);
      const member = command && (await this.memberWith(record.buyer));
      if (command && member) answers.set(record._id, await this.answerOnce(record._id, command, member));
    }
    return answers;
  }

  private async memberWith(buyer: string): Promise<Staff | undefined> {
    for (const handle of await this.parts.buyers.handlesOf(buyer)) {
      const phone = /^pn:(.+)$/.exec(handle)?.[1];
      const member = phone && (await this.parts.staff.byPhone(phone));
      if (member) return member;
    }
    return undefined;
  }

  private async answerOnce(message: string, command: StaffCommand, member: Staff): Promise<string> {
    if (this.answers.size >= KEPT) this.answers.clear();
    const answer = this.answers.get(message) ?? this.answer(message, command, member);
    this.answers.set(message, answer);
    try {
      return (await answer).slice(0, LONGEST_ANSWER);
    } catch (error) {
      this.answers.delete(message);
      throw error;
    }
  }

  private async answer(message: string, command: StaffCommand, { _id, name, teams }: Staff): Promise<string> {
    const { desk, leads } = this.parts;
    const staff = { id: _id, name };
    if (command.kind === 'lead' || command.kind === 'tag')
      return leads.run(command, { ...staff, teams }, `command:${message}`);
    if (command.kind !== 'decision') {
      const answer = await desk.run(command, staff);
      // There are no buttons here: the whole rehearsal is the answer.
      const rehearsed = REHEARSED.exec(answer)?.[1];
      return rehearsed ? desk.rehearsalText(rehearsed) : answer;
    }
    const { act, campaign } = command;
    if (!(await desk.mayAct(campaign, staff))) return `There is no campaign ${campaign} of your team.`;
    const words = await desk.act(act, campaign, staff);
    return words ?? desk.run({ kind: 'campaign', act: 'status', campaign }, staff);
  }
}

function commandIn({ content }: InboundRecord): StaffCommand | undefined {
  if (content.kind !== 'text' || typeof content.text !== 'string') return undefined;
  const text = content.text.trim();
  const [, act, id = ''] = DECISION.exec(text) ?? [];
  if (act)
    return { kind: 'decision', act: act.toLowerCase() as 'confirm' | 'cancel', campaign: id.toLowerCase() };
  const command = parseCommand(text, 'whatsapp');
  if (!('kind' in command)) return undefined;
  const { kind } = command;
  return kind === 'remind' || kind === 'campaign' || kind === 'lead' || kind === 'tag' ? command : undefined;
}
