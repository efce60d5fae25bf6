import type { Decision, DecisionContext } from '../flows/decide.ts';
import { decideLead, decideTags } from '../flows/runs.ts';
import type { ConversationState, StaffRef, Team } from '../flows/types.ts';
import type { BuyerSearch, LeadCommand } from '../inbox/slack/command.ts';
import type { Buyer } from '../models/buyer.ts';
import type { Lead } from '../models/lead.ts';
import type { Models } from '../models/models.ts';

export type LeadDeskParts = {
  models: Pick<Models, 'buyers' | 'leads'>;
  /** Carries out a decision about a buyer's conversation, once per key. */
  decide: (
    buyer: string,
    key: string,
    isOfSale: boolean,
    decide: (state: ConversationState, context: DecisionContext) => Decision,
  ) => Promise<string | undefined>;
  projectName: (slug: string) => Promise<string>;
};

/** Who types a command, and the teams they are in. */
type Typist = StaffRef & { teams: Team[] };

const MOST_TAGS = 20;

/** What people say of a buyer in one line: where their lead stands, and the tags they carry. */
export class LeadDesk {
  private readonly parts: LeadDeskParts;

  constructor(parts: LeadDeskParts) {
    this.parts = parts;
  }

  /** Carries out a command, once per `key`, and answers in plain words, which show no phone number. */
  async run(command: LeadCommand, staff: Typist, key: string): Promise<string> {
    const [buyer, ...others] = await this.find(command.search);
    if (!buyer) return 'No buyer fits. Try the phone number, or the beginning of the name.';
    if (others.length > 0) return 'More than one buyer fits: please give the phone number.';
    return command.kind === 'lead'
      ? this.move(command, buyer, staff, key)
      : this.tag(command, buyer, staff, key);
  }

  private async find(search: BuyerSearch): Promise<Buyer[]> {
    const { buyers } = this.parts.models;
    if (search.kind !== 'phone') return buyers.named(search.kind === 'unit' ? search.unit : search.name, 2);
    const found = await buyers.byPhone(search.phone);
    return found ? [found] : [];
  }

  private async move(
    { stage, project, reason }: Extract<LeadCommand, { kind: 'lead' }>,
    buyer: Buyer,
    staff: Typist,
    key: string,
  ): Promise<string> {
    if (!staff.teams.includes('sales')) return 'Only sales may say where a lead stands.';
    const { models, decide, projectName } = this.parts;
    const leads = await models.leads.ofBuyer(buyer._id);
    const lead = leads.findLast((each) => project === undefined || each.project === project);
    if (!lead) return `${nameOf(buyer)} has no enquiry${project ? ` about ${project}` : ''} on record.`;
    const about = `${nameOf(buyer)}, ${await projectName(lead.project)}`;
    if (lead.stage === 'Booked') return `${about}: they have booked, and the lead stays so.`;
    const by = { id: staff.id, name: staff.name };
    const moved = { project: lead.project, stage, staff: by, ...(reason !== undefined && { reason }) };
    await decide(buyer._id, key, false, (state, context) => decideLead(state, moved, context));
    return `${about}: ${stageOf(lead)} → ${stage}${reason ? ` (${reason})` : ''}.`;
  }

  private async tag(
    { add, remove }: Extract<LeadCommand, { kind: 'tag' }>,
    buyer: Buyer,
    staff: Typist,
    key: string,
  ): Promise<string> {
    const { models, decide } = this.parts;
    const before = buyer.tags ?? [];
    const kept = [...new Set([...before, ...add])].filter((each) => !remove.includes(each));
    if (kept.length > MOST_TAGS) return `${MOST_TAGS} tags are the most that a buyer can have.`;
    const tags = await models.buyers.tag(buyer._id, { add, remove });
    const by = { id: staff.id, name: staff.name };
    await decide(buyer._id, key, false, (state, context) => decideTags(state, { tags, staff: by }, context));
    return `${nameOf(buyer)}: ${tags.length > 0 ? tags.join(', ') : 'no tags'}.`;
  }
}

function stageOf({ stage, lostReason }: Lead): string {
  return stage === 'Lost' && lostReason ? `Lost (${lostReason.replaceAll('_', ' ')})` : stage;
}

function nameOf({ name }: Buyer): string {
  return name.trim() || 'This buyer';
}
