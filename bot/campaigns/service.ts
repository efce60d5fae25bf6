import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { CampaignBoard } from '../../inbox/slack/campaignBoard.ts';
import type { Dues } from '../../models/dues.ts';
import type { Models } from '../../models/models.ts';
import { CampaignDesk } from '../campaigns.ts';
import type { Channel } from '../channels/channel.ts';
import type { Config } from '../config.ts';
import type { Limits } from '../limits.ts';
import type { Lines } from '../lines.ts';
import type { Portfolio } from '../portfolio.ts';
import type { SweepTask } from '../sweep.ts';
import { Wakeups } from '../wakeups.ts';
import { createAudiences } from './audience.ts';
import { CampaignBoards } from './boards.ts';
import { Guard } from './guard.ts';
import { Outcomes } from './outcomes.ts';
import { paceOf } from './pace.ts';
import { Rehearsals } from './rehearsal.ts';
import { CampaignRunner } from './runner.ts';

export type CampaignServiceParts = {
  models: Models;
  dues: Dues;
  channels: readonly [Channel, ...Channel[]];
  lines: Lines;
  limits: Limits;
  portfolio: Portfolio;
  config: Config;
  instance: string;
  /** Pays what a conversation owes. Returns at once. */
  wakeConversation: (conversation: string) => void;
  board: () => CampaignBoard;
  isInTeam: (user: string, team: Team) => Promise<boolean>;
  now: () => Date;
  log: Logger;
};

/** Everything that makes campaigns go, for the process to hand over to whoever needs it. */
export type CampaignService = {
  desk: CampaignDesk;
  guard: Guard;
  outcomes: Outcomes;
  turns: Wakeups;
  boardTurns: Wakeups;
  sweepTasks: SweepTask[];
};

const SWEEP_BATCH = 50;

/** Makes the parts of campaigns and joins them. */
export function createCampaigns(parts: CampaignServiceParts): CampaignService {
  const { models, dues, channels, lines, portfolio, config, wakeConversation, now, log } = parts;
  const { timeZone } = config;
  const [primary] = channels;
  const audiences = createAudiences({ visits: models.visits, dues, books: models, portfolio, timeZone });
  const guard = new Guard({ models, audiences, timeZone, ...config.campaigns });
  // A role that this process does not have is another one's: that finds what is owed by its own sweep.
  const wake = (id: string) => {
    if (config.roles.has('worker')) turns.wake(id);
  };
  const boardOwed = (id: string) => {
    if (config.roles.has('inbox')) boardTurns.wake(id);
  };
  const outcomes = new Outcomes({ models, hasRoom: wake, now });
  const runner = new CampaignRunner({
    ...parts,
    primary,
    pace: paceOf(primary.kind, config),
    wake: wakeConversation,
    boardOwed,
    timeZone,
  });
  const boards = new CampaignBoards(parts);
  const turns = new Wakeups((id) => runner.step(id), log);
  const boardTurns = new Wakeups((id) => boards.tell(id), log);
  const rehearsals = new Rehearsals({
    models,
    audiences,
    lines: () => lines.all(),
    kindOf: (id) => channels.find((channel) => channel.id === id)?.kind ?? primary.kind,
    line: primary.id,
    config,
    now,
  });
  const desk = new CampaignDesk({
    ...parts,
    ...config.campaigns,
    audiences,
    rehearsals,
    wake,
    boardOwed,
    changed: (id) => guard.changed(id),
    timeZone,
  });
  return { desk, guard, outcomes, turns, boardTurns, sweepTasks: tasks(parts, wake, boardOwed) };
}

function tasks(
  { models, config, now }: CampaignServiceParts,
  wake: (id: string) => void,
  boardOwed: (id: string) => void,
): SweepTask[] {
  const worker: SweepTask = {
    name: 'campaigns that go on',
    find: () => models.campaigns.due(now(), SWEEP_BATCH),
    wake,
  };
  const inbox: SweepTask = {
    name: 'campaigns owed to Slack',
    find: () => models.campaigns.boardsOwed(now(), SWEEP_BATCH),
    wake: boardOwed,
  };
  return [...(config.roles.has('worker') ? [worker] : []), ...(config.roles.has('inbox') ? [inbox] : [])];
}
