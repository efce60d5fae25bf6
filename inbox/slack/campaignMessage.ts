import { DateTime } from 'luxon';
import type { Campaign } from '../../models/campaign.ts';
import {
  commandWords,
  progressOf,
  reasonLines,
  rehearsalWords,
  statusWords,
} from '../../models/campaignWords.ts';
import { type Block, escaped } from './blocks.ts';
import type { CampaignAct, CampaignView } from './campaignBoard.ts';

/** A campaign as one Slack message: the rehearsal with its buttons, then the progress, then the report. */

const BAR_CELLS = 20;
/** A section holds 3,000 characters. */
const TEXT_CHARACTERS = 2_800;
const SAMPLE_CHARACTERS = 700;

const LABEL: Record<CampaignAct, string> = {
  confirm: 'Confirm',
  cancel: 'Cancel',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
};
const STYLE: Partial<Record<CampaignAct, 'primary' | 'danger'>> = { confirm: 'primary', stop: 'danger' };

/** The id of the button for an act. */
export function campaignAction(act: CampaignAct): string {
  return `campaign_${act}`;
}

/** What stands in the channel now. */
export function campaignMessage(view: CampaignView, timeZone: string): { text: string; blocks: Block[] } {
  const { campaign } = view;
  const title = `${campaign._id} · ${statusWords(campaign)}`;
  const about = `Reminder to ${commandWords(campaign.command)}, template ${campaign.template}`;
  const isRehearsed =
    campaign.startedAt === undefined && campaign.approvals.length < campaign.approvalsNeeded;
  const body = isRehearsed ? rehearsalBlocks(campaign, timeZone) : progressBlocks(view, timeZone);
  const acts = actsFor(campaign);
  return {
    text: escaped(`${title}: ${about}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
      section(`*${escaped(about)}*\nBegun by ${escaped(campaign.createdBy.name)}`),
      ...body,
      ...(acts.length > 0 ? [buttons(campaign, acts)] : []),
    ],
  };
}

function rehearsalBlocks(campaign: Campaign, timeZone: string): Block[] {
  const { rehearsal, startsAt, expiresAt, status } = campaign;
  const samples = rehearsal?.samples ?? [];
  const ends = rehearsal && `The last one about ${clock(rehearsal.endsAt, timeZone)}`;
  const begins = startsAt ? `Not before ${clock(startsAt, timeZone)}. ` : '';
  return [
    section(escaped(rehearsalWords(campaign).join('\n'))),
    ...samples.map((sample) => section(`_${escaped(sample.name)}_\n${quoted(sample.text)}`)),
    ...(rehearsal
      ? [context(escaped(`${begins}${ends}. Risk ${rehearsal.risk}: ${rehearsal.riskWords}`))]
      : []),
    ...(status === 'rehearsed'
      ? [context(escaped(`${approvalWords(campaign)} Void after ${clock(expiresAt, timeZone)}.`))]
      : []),
  ];
}

function approvalWords({ approvals, approvalsNeeded, createdBy }: Campaign): string {
  const [first] = approvals;
  if (approvalsNeeded === 1) return `${createdBy.name} confirms.`;
  return first
    ? `${first.name} has confirmed; a second person has to.`
    : `${createdBy.name} confirms, then a second person: it is a large one.`;
}

function progressBlocks({ campaign, tally }: CampaignView, timeZone: string): Block[] {
  const { planned, ended, counts } = progressOf(tally);
  const share = planned === 0 ? 1 : ended / planned;
  const full = Math.floor(share * BAR_CELLS);
  const bar = `\`${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}\` ${Math.floor(share * 100)} %`;
  const numbers =
    `${counts.sent} sent (${counts.delivered} delivered, ${counts.read} read) · ${counts.saved} spared · ` +
    `${counts.failed} failed · ${counts.waiting} ${campaign.endedAt ? 'not sent' : 'to go'}`;
  const reasons = reasonLines(tally);
  const excluded = campaign.rehearsal ? campaign.rehearsal.total - campaign.rehearsal.waiting : 0;
  const when = campaign.endedAt
    ? `Ended ${clock(campaign.endedAt, timeZone)}${campaign.endedBy ? ` by ${campaign.endedBy}` : ''}`
    : campaign.startsAt && !campaign.startedAt
      ? `Begins ${clock(campaign.startsAt, timeZone)}`
      : `Confirmed by ${campaign.approvals.map(({ name }) => name).join(' and ')}`;
  return [
    section(`${bar}\n${numbers}`),
    ...(reasons.length > 0 ? [section(escaped(reasons.join('\n')))] : []),
    context(escaped(`${when} · ${excluded} had been left out at the rehearsal`)),
  ];
}

function actsFor({ status, audienceFrozenAt }: Campaign): CampaignAct[] {
  switch (status) {
    case 'rehearsed':
      return audienceFrozenAt ? ['confirm', 'cancel'] : [];
    case 'confirmed':
    case 'running':
      return ['pause', 'stop'];
    case 'paused':
      return ['resume', 'stop'];
    default:
      return [];
  }
}

function buttons({ _id }: Campaign, acts: CampaignAct[]): Block {
  return {
    type: 'actions',
    block_id: 'campaign',
    elements: acts.map((act) => ({
      type: 'button',
      action_id: campaignAction(act),
      text: { type: 'plain_text', text: LABEL[act] },
      value: _id,
      ...(STYLE[act] && { style: STYLE[act] }),
    })),
  };
}

function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, TEXT_CHARACTERS) } };
}

function context(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: text.slice(0, TEXT_CHARACTERS) }] };
}

function quoted(text: string): string {
  return escaped(text.slice(0, SAMPLE_CHARACTERS)).replace(/^/gm, '> ');
}

function clock(at: Date, timeZone: string): string {
  return DateTime.fromJSDate(at, { zone: timeZone }).toFormat('d MMM, h:mm a');
}
