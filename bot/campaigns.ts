import { DateTime } from 'luxon';
import { hoursOf } from '../flows/quietHours.ts';
import type { Purpose, StaffRef, Team } from '../flows/types.ts';
import type { CampaignAct, CampaignActions } from '../inbox/slack/campaignBoard.ts';
import type { CampaignCommand } from '../inbox/slack/command.ts';
import type { Campaign, RemindCommand } from '../models/campaign.ts';
import {
  exclusionWords,
  progressOf,
  reasonLines,
  rehearsalWords,
  statusWords,
} from '../models/campaignWords.ts';
import type { Models } from '../models/models.ts';
import type { AudienceSource, Audiences } from './campaigns/audience.ts';
import type { Rehearsals } from './campaigns/rehearsal.ts';
import { missingVariables, resolveTemplate } from './campaigns/templates.ts';
import { purposeOfCopy } from './outgoing.ts';
import type { Portfolio } from './portfolio.ts';

export type CampaignParts = {
  models: Models;
  audiences: Audiences;
  rehearsals: Rehearsals;
  portfolio: Portfolio;
  /** Whether somebody may act for a team: in its channel, or its lead. */
  isInTeam: (user: string, team: Team) => Promise<boolean>;
  /** The audience of more than this is confirmed by two people. */
  secondPersonAbove: number;
  /** It may begin or go on. Returns at once. */
  wake: (campaign: string) => void;
  /** Its message is to be written again. Returns at once. */
  boardOwed: (campaign: string) => void;
  /** Its state has changed here. */
  changed: (campaign: string) => void;
  timeZone: string;
  now: () => Date;
};

/** A rehearsal holds for so long: after that the audience is too old to be written to. */
const EXPIRES_MS = 30 * 60_000;
/** A rehearsal that takes longer was cut short by a crash. */
const ABANDONED_MS = 2 * 60_000;

/** What the team does with campaigns. Every answer is words for who asked; nothing throws for what they typed. */
export class CampaignDesk implements CampaignActions {
  private readonly parts: CampaignParts;

  constructor(parts: CampaignParts) {
    this.parts = parts;
  }

  /** Carries a command out for a person; answers in plain words. */
  async run(command: CampaignCommand, staff: StaffRef): Promise<string> {
    if (command.kind === 'remind') return this.begin(command, staff);
    const { act, campaign: id } = command;
    const team = await this.teamOf(id);
    if (!team) return `There is no campaign ${id}.`;
    if (!(await this.parts.isInTeam(staff.id, team))) return onlyFor(team);
    if (act === 'status') return this.statusOf(id);
    return (await this.act(act, id, staff)) ?? this.statusOf(id);
  }

  async teamOf(id: string): Promise<Team | undefined> {
    return (await this.parts.models.campaigns.byId(id))?.team;
  }

  /** Whether somebody may act on a campaign; nobody may on one that does not exist. */
  async mayAct(id: string, staff: StaffRef): Promise<boolean> {
    const team = await this.teamOf(id);
    return team !== undefined && this.parts.isInTeam(staff.id, team);
  }

  async act(act: CampaignAct, id: string, staff: StaffRef): Promise<string | undefined> {
    const known = await this.parts.models.campaigns.byId(id);
    if (!known) return `There is no campaign ${id}.`;
    const words = await this.perform(act, known, staff);
    this.parts.changed(id);
    this.parts.boardOwed(id);
    return words;
  }

  /** The rehearsal as a text, for where there is no message with buttons. */
  async rehearsalText(id: string): Promise<string> {
    const campaign = await this.parts.models.campaigns.byId(id);
    if (!campaign?.rehearsal) return `There is no campaign ${id}.`;
    const { samples, endsAt, risk, riskWords } = campaign.rehearsal;
    return [
      `${id}: ${rehearsalWords(campaign).join('\n')}`,
      ...samples.map(({ name, text }) => `${name}: ${text}`),
      `The last one about ${this.clock(endsAt)}. Risk ${risk}: ${riskWords}`,
      `Write "confirm ${id}" or "cancel ${id}" before ${this.clock(campaign.expiresAt)}.`,
      ...(campaign.approvalsNeeded > 1 ? ['A second person of the team has to confirm as well.'] : []),
    ].join('\n\n');
  }

  private async begin(command: RemindCommand, staff: StaffRef): Promise<string> {
    const { models, audiences, isInTeam } = this.parts;
    const source = audiences[command.audience.kind] as AudienceSource;
    if (!(await isInTeam(staff.id, source.team))) return onlyFor(source.team);
    const planned = await this.plan(command, source, staff);
    if (typeof planned === 'string') return planned;
    const other = await models.campaigns.begin(planned);
    if (!other) return this.rehearse(planned);
    if (!(await this.isAbandoned(other)))
      return `${other._id} does the same and ${statusWords(other)}. It was begun by ${other.createdBy.name}.`;
    await models.campaigns.stop(other._id, 'nobody', 'expired', this.parts.now());
    return this.begin(command, staff);
  }

  /** A rehearsal that is void, or was cut short while the audience was written down, keeps nobody from another. */
  private async isAbandoned({ status, audienceFrozenAt, createdAt, expiresAt }: Campaign): Promise<boolean> {
    const now = this.parts.now();
    if (status !== 'rehearsed') return false;
    return expiresAt <= now || (!audienceFrozenAt && now.getTime() - createdAt.getTime() > ABANDONED_MS);
  }

  /** The campaign that a command asks for, or what is wrong with the command. */
  private async plan(
    command: RemindCommand,
    source: AudienceSource,
    staff: StaffRef,
  ): Promise<Campaign | string> {
    const { models, now } = this.parts;
    const template = resolveTemplate(command.filters.template, source);
    if (!template) return unfit(command.filters.template ?? '', source);
    const missing = missingVariables(template, source);
    if (missing.length > 0)
      return `The template ${template} also needs ${missing.join(', ')}, which this audience does not have.`;
    if (command.filters.tower && !source.hasTowers) return 'Visits belong to a project, not to a tower.';
    const project = await this.projectOf(command.filters.project);
    if (project === null) return `No project ${command.filters.project} is on sale.`;
    const purpose = purposeOfCopy(template) ?? source.purpose;
    const startsAt = command.at === undefined ? undefined : this.startOf(command.at, purpose);
    if (typeof startsAt === 'string') return startsAt;
    const filters = { ...command.filters, template, ...(project && { project }) };
    return {
      _id: await models.campaigns.nextId(),
      command: { ...command, filters },
      matter: JSON.stringify([command.audience, project ?? '', command.filters.tower ?? '', template]),
      team: source.team,
      template,
      purpose,
      status: 'rehearsed',
      createdBy: { id: staff.id, name: staff.name },
      createdAt: now(),
      expiresAt: new Date(now().getTime() + EXPIRES_MS),
      dueAt: new Date(now().getTime() + EXPIRES_MS),
      ...(startsAt && { startsAt }),
      approvalsNeeded: 1,
      approvals: [],
    };
  }

  /** The project whose name begins so, if it is only one; null when none is meant. */
  private async projectOf(named: string | undefined): Promise<string | null | undefined> {
    if (named === undefined) return undefined;
    const { projects } = await this.parts.portfolio.facts('', this.parts.now());
    if (projects.some(({ slug }) => slug === named)) return named;
    const [only, ...others] = projects.filter(({ slug }) => slug.startsWith(named));
    return only && others.length === 0 ? only.slug : null;
  }

  /** Today at that time; words when that is past, or an hour at which such messages do not go out. */
  private startOf(time: string, purpose: Purpose): Date | string {
    const { timeZone, now } = this.parts;
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    const local = DateTime.fromJSDate(now(), { zone: timeZone });
    const at = local.set({ hour, minute, second: 0, millisecond: 0 });
    if (at <= local)
      return `${time} has passed today: it is ${local.toFormat('HH:mm')}. Name a later time, or none.`;
    const { fromHour, toHour } = hoursOf(purpose, at.toJSDate(), timeZone);
    if (at.hour < fromHour || at.hour >= toHour)
      return `Such reminders go out between ${fromHour}:00 and ${toHour}:00.`;
    return at.toJSDate();
  }

  private async rehearse(campaign: Campaign): Promise<string> {
    const { models, rehearsals, secondPersonAbove, boardOwed, now } = this.parts;
    const { _id, createdBy } = campaign;
    try {
      const rehearsal = await rehearsals.freeze(campaign);
      if (rehearsal.waiting === 0) {
        await models.campaigns.stop(_id, createdBy.name, 'nobody', now(), rehearsal);
        const why = exclusionWords(rehearsal.excluded);
        return ['There is nobody to remind.', ...why].join('\n');
      }
      const approvalsNeeded = rehearsal.waiting > secondPersonAbove ? 2 : 1;
      const frozen = await models.campaigns.frozen(_id, { rehearsal, approvalsNeeded }, now());
      if (!frozen) return `${_id} was cancelled meanwhile.`;
      boardOwed(_id);
      return `${_id} is rehearsed. ${rehearsalWords(frozen).join('\n')}\nLook at it in the channel of the ${campaign.team} team and confirm there within 30 minutes.`;
    } catch (error) {
      // It would stand in the way of the next attempt.
      await models.campaigns.stop(_id, createdBy.name, 'cancelled', now());
      throw error;
    }
  }

  private async perform(act: CampaignAct, known: Campaign, staff: StaffRef): Promise<string | undefined> {
    const { models, wake, now } = this.parts;
    const { campaigns } = models;
    const { _id: id } = known;
    const refused = async () => {
      const latest = (await campaigns.byId(id)) ?? known;
      return `That is not possible: ${id} ${statusWords(latest)}.`;
    };
    switch (act) {
      case 'confirm':
        return this.confirm(known, staff);
      case 'cancel':
        return (await campaigns.stop(id, staff.name, 'cancelled', now())) ? undefined : refused();
      case 'pause':
        return (await campaigns.pause(id, staff, now())) ? undefined : refused();
      case 'resume': {
        const resumed = await campaigns.resume(id, now());
        if (resumed) wake(id);
        return resumed ? undefined : refused();
      }
      case 'stop':
        return (await campaigns.stop(id, staff.name, 'stopped', now())) ? undefined : refused();
    }
  }

  /** The starter first, then somebody else where two are needed. */
  private async confirm(known: Campaign, staff: StaffRef): Promise<string | undefined> {
    const { models, wake, now } = this.parts;
    const { _id: id, approvals, createdBy, expiresAt } = known;
    const [first] = approvals;
    if (known.status !== 'rehearsed')
      return `${id} ${statusWords(known)}: it was confirmed before, or is over.`;
    if (!known.audienceFrozenAt) return `${id} is still being counted.`;
    if (expiresAt <= now()) {
      await models.campaigns.stop(id, 'nobody', 'expired', now());
      return `The rehearsal of ${id} is older than 30 minutes: begin again, so that nobody is written to who should not be.`;
    }
    if (!first && staff.id !== createdBy.id)
      return `${createdBy.name}, who began ${id}, has to confirm it first.`;
    if (first && staff.id === first.id) return `A second person has to confirm ${id}.`;
    const approved = await models.campaigns.approve(known, staff, now());
    if (!approved) return `Somebody else was quicker: look at ${id} again.`;
    if (approved.status === 'confirmed') wake(id);
    return undefined;
  }

  private async statusOf(id: string): Promise<string> {
    const { models } = this.parts;
    const campaign = await models.campaigns.byId(id);
    if (!campaign) return `There is no campaign ${id}.`;
    const title = `${id} ${statusWords(campaign)}.`;
    if (campaign.status === 'rehearsed') return [title, ...rehearsalWords(campaign)].join('\n');
    const tally = await models.recipients.tally(id);
    const { planned, counts } = progressOf(tally);
    const numbers = `${counts.sent} of ${planned} sent, ${counts.delivered} delivered, ${counts.read} read, ${counts.saved} spared, ${counts.failed} failed, ${counts.waiting} to go.`;
    return [title, numbers, ...reasonLines(tally)].join('\n');
  }

  private clock(at: Date): string {
    return DateTime.fromJSDate(at, { zone: this.parts.timeZone }).toFormat('d MMM, h:mm a');
  }
}

function onlyFor(team: Team): string {
  return `This is for members of the ${team} team's channel and its lead.`;
}

function unfit(template: string, { templates }: AudienceSource): string {
  return `There is no template ${template} for these buyers. There is: ${templates.join(', ')}.`;
}
