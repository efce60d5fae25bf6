import type { Logger } from 'pino';
import type { CampaignBoard, CampaignView } from '../../inbox/slack/campaignBoard.ts';
import type { Campaign } from '../../models/campaign.ts';
import { reasonWords } from '../../models/campaignWords.ts';
import type { Models } from '../../models/models.ts';
import { BOARD_EVERY_MS } from './outcomes.ts';
import { shortName } from './rehearsal.ts';

export type BoardParts = {
  models: Pick<Models, 'campaigns' | 'recipients'>;
  board: () => CampaignBoard;
  instance: string;
  now: () => Date;
  log: Logger;
};

const RESULTS_AGAIN_MS = 60_000;

/** Keeps each campaign's message in its team's channel true, written at most every few seconds. */
export class CampaignBoards {
  private readonly parts: BoardParts;

  constructor(parts: BoardParts) {
    this.parts = parts;
  }

  /** Shows what has changed, if that is due. A failure is kept and tried again. */
  async tell(id: string): Promise<void> {
    const { models, board, instance, now } = this.parts;
    const known = await models.campaigns.byId(id);
    if (!known?.boardOwedAt || known.boardOwedAt > now()) return;
    const earliest = new Date((known.boardShownAt?.getTime() ?? 0) + BOARD_EVERY_MS);
    if (earliest > now()) return models.campaigns.spaceBoard(known, earliest);
    if (!(await board().isTeller())) return;
    const telling = await models.campaigns.startTelling(id, instance, now());
    if (telling) await this.show(telling.campaign, telling.interrupted);
  }

  private async show(campaign: Campaign, interrupted: boolean): Promise<void> {
    const { models, board, now, log } = this.parts;
    const { _id } = campaign;
    const view: CampaignView = { campaign, tally: await models.recipients.tally(_id) };
    const told = await (campaign.board
      ? board().update(campaign.board, view)
      : board().post(view, interrupted));
    if ('place' in told) {
      await models.campaigns.shown(campaign, told.place, now());
      if (campaign.endedAt && campaign.startedAt && !campaign.resultsAt)
        await this.handOver(campaign, told.place);
      return;
    }
    log.debug({ campaign: _id }, 'a campaign is not shown yet');
    const again = new Date(now().getTime() + told.retryAfterMs);
    if (told.mayBeThere) await models.campaigns.doubtBoard(_id, again);
    else await models.campaigns.postponeBoard(_id, again);
  }

  private async handOver({ _id }: Campaign, place: { channel: string; ts: string }): Promise<void> {
    const { models, board, now } = this.parts;
    const attached = await board().attach(place, { name: `${_id}.csv`, text: await this.results(_id) });
    if (attached === 'later')
      await models.campaigns.oweBoard(_id, new Date(now().getTime() + RESULTS_AGAIN_MS));
    else await models.campaigns.resultsGiven(_id, now());
  }

  /** One line per recipient, read one at a time. Names in short, no numbers of anybody. */
  private async results(id: string): Promise<string> {
    const lines = ['matter,name,result,reason,at'];
    for await (const { about, name, status, reason = '', changedAt } of this.parts.models.recipients.each(
      id,
    )) {
      const fields = [about, shortName(name), status, reason && reasonWords(reason), changedAt.toISOString()];
      lines.push(fields.map(csvField).join(','));
    }
    return `${lines.join('\r\n')}\r\n`;
  }
}

/** RFC 4180; a leading sign that a spreadsheet would take for a formula is made harmless. */
function csvField(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
