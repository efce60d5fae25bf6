import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import type { Team } from '../flows/types.ts';
import type { Cases } from '../models/case.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import { type ChannelStates, MESSAGES_KEPT, type Outage, type Outages } from '../models/outage.ts';
import type { Channel, Echo, Health, Inbound } from './channels/channel.ts';
import { LINE_NAME } from './lines.ts';

export type OutageParts = {
  outages: Outages;
  channelStates: ChannelStates;
  inbound: Inbounds;
  cases: Cases;
  channels: readonly Channel[];
  /** True where the transports' events come in: this process says when they are down. Others only read it. */
  isGateway: boolean;
  /** Takes messages in on the same path as live ones. */
  receive: (channel: Channel, messages: Inbound[]) => Promise<void>;
  echoed: (channel: Channel, echoes: Echo[]) => Promise<void>;
  /** Tells a team, once per key. */
  raise: (key: string, team: Team, text: string) => Promise<void>;
  alert: (key: string, text: string) => unknown;
  /** A message of an outage counts as late when it comes in older than this. */
  staleAfterMs: number;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** The sales team answers first enquiries, which is what most messages are. */
const TEAM: Team = 'sales';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How old `lastReadyAt` may be while all is well: an outage seems longer by at most this. */
const SAVED_EVERY_MS = 10_000;
const REFRESHED_EVERY_MS = MINUTE_MS;
/** A transport's clock and its idea of order may differ from ours. */
const OVERLAP_MS = 10 * MINUTE_MS;
const LOOKED_BACK_MS = 7 * DAY_MS;
const TOLD_AFTER_MS = 2 * MINUTE_MS;
/** Shorter ones are not worth a word. */
const SUMMED_UP_FROM_MS = MINUTE_MS;
/** Time for what was held elsewhere to come in: Meta delivers again by itself, and takes its time. */
const COMING_IN_MS = { backfill: 15_000, redelivered: 2 * MINUTE_MS };
/** A summary waits no longer for answers. */
const SUMMARY_WITHIN_MS = 10 * MINUTE_MS;
const LOOK_AGAIN_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = MINUTE_MS;
/** So many failures in a row are told to people. */
const WORTH_TELLING = 5;
const TICKETS_NAMED = 20;

type Backfill = { from: Date; attempts: number; notBefore: Date; isRunning: boolean; again: boolean };

/** A transport as this process sees it. */
type Watched = {
  channel: Channel;
  /** Undefined until it has been ready for the first time, ever. */
  firstReadyAt: Date | undefined;
  seenReadyAt: Date | undefined;
  seenDownAt: Date | undefined;
  savedAt: Date | undefined;
  lastMessageAt: Date | undefined;
  outage: Outage | undefined;
  backfill: Backfill | undefined;
};

/**
 * Heals the gaps: notices when a transport or this product was away, looks for what was written meanwhile, tells
 * which messages come too late to be answered as if nothing had happened, and sums up for people what arrived.
 */
export class OutageWatch {
  private readonly parts: OutageParts;
  private readonly watched = new Map<string, Watched>();
  private readonly lines = new Map<string, Promise<void>>();
  private recent: Outage[] = [];
  private refreshedAt = Number.NEGATIVE_INFINITY;
  private readonly backfills = new Set<Promise<void>>();
  private isStopped = false;

  constructor(parts: OutageParts) {
    this.parts = parts;
  }

  /** Begins to watch, before the transports start: the time since the last run was an outage. */
  async start(): Promise<void> {
    const { channels, channelStates, outages, isGateway, now } = this.parts;
    for (const channel of isGateway ? channels : []) {
      const state = await channelStates.of(channel.id);
      this.watched.set(channel.id, {
        channel,
        firstReadyAt: state?.firstReadyAt,
        seenReadyAt: undefined,
        seenDownAt: now(),
        savedAt: undefined,
        lastMessageAt: state?.lastMessageAt,
        outage: state && (await outages.begin(channel.id, state.lastReadyAt)),
        backfill: undefined,
      });
    }
    await this.refresh();
  }

  /** A transport came up or went down; also called for every `ready` without a change. Returns at once. */
  stateChanged(channel: Channel, health: Health): void {
    const watched = this.watched.get(channel.id);
    if (!watched || this.isStopped) return;
    this.inLine(channel.id, () => this.see(watched, health, true)).catch((error: unknown) =>
      this.parts.log.error({ err: error, channel: channel.id }, 'a change of a transport was not noted'),
    );
  }

  /** Looks at every transport, and at what is owed after an outage. For the sweep. */
  async look(): Promise<void> {
    const isWatching = this.watched.size > 0;
    if (!isWatching || this.parts.now().getTime() - this.refreshedAt >= REFRESHED_EVERY_MS)
      await this.refresh();
    if (!isWatching || this.isStopped) return;
    for (const watched of this.watched.values()) {
      const { channel } = watched;
      await this.inLine(channel.id, () => this.see(watched, channel.health(), false));
    }
    for (const outage of await this.parts.outages.toSumUp([...this.watched.keys()], this.parts.now())) {
      const watched = this.watched.get(outage.channel);
      if (watched) await this.sumUp(watched, outage);
    }
  }

  /** Notes messages of an outage before they are stored; what was stored earlier did not wait for its end. */
  async arriving(channel: Channel, messages: Inbound[]): Promise<void> {
    const { outages, inbound } = this.parts;
    for (const outage of this.recent.filter((each) => each.channel === channel.id)) {
      const ids = messages.flatMap(({ key, at }) => (isWithin(outage, at) ? [`${channel.id}:${key}`] : []));
      if (ids.length === 0) continue;
      const stored = await inbound.model.find({ _id: { $in: ids } }, { _id: 1 }).lean<{ _id: string }[]>();
      const known = new Set(stored.map(({ _id }) => _id));
      const fresh = ids.filter((id) => !known.has(id));
      if (fresh.length > 0) await outages.noteMessages(outage._id, fresh);
    }
  }

  /** Messages have been stored: up to here nothing has to be looked for. */
  stored(channel: Channel, messages: Inbound[]): void {
    const watched = this.watched.get(channel.id);
    if (watched) watched.lastMessageAt = latestOf(watched.lastMessageAt, ...messages.map(({ at }) => at));
  }

  /** True for a message that was written while its transport was away and came in long after. */
  isLate({ channel, at, receivedAt }: Pick<InboundRecord, 'channel' | 'at' | 'receivedAt'>): boolean {
    if (receivedAt.getTime() - at.getTime() <= this.parts.staleAfterMs) return false;
    return this.recent.some((outage) => outage.channel === channel && isWithin(outage, at));
  }

  /**
   * Ends the watch, to be called before the transports stop: their end is no outage until the next start. Never
   * rejects: a database that is away must not keep a browser from being closed.
   */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.lines.values());
    for (const watched of this.watched.values()) {
      if (watched.channel.health() !== 'ready') continue;
      await this.save(watched, this.parts.now()).catch((error: unknown) =>
        this.parts.log.warn(
          { err: error, channel: watched.channel.id },
          'the last state was not put on record',
        ),
      );
    }
  }

  /** Resolves when nothing is being looked for any more. */
  async idle(): Promise<void> {
    do {
      await Promise.all(this.lines.values());
      await Promise.all(this.backfills);
    } while (this.backfills.size > 0);
  }

  private async see(watched: Watched, health: Health, isEvent: boolean): Promise<void> {
    if (this.isStopped) return;
    if (health === 'ready') await this.seeUp(watched, isEvent);
    else await this.seeDown(watched, isEvent);
    this.goOnLooking(watched, health);
  }

  private async seeUp(watched: Watched, isEvent: boolean): Promise<void> {
    const now = this.parts.now();
    const { channel, outage, savedAt } = watched;
    // What is to be looked for is put on record before anything says that all is well again.
    if ((isEvent || outage) && channel.caps.backfill) await this.oweBackfill(watched, now);
    if (outage) await this.end(watched, outage, now);
    watched.firstReadyAt ??= now;
    watched.seenReadyAt = now;
    watched.seenDownAt = undefined;
    const isDue = !savedAt || now.getTime() - savedAt.getTime() >= SAVED_EVERY_MS;
    if (isDue || outage) await this.save(watched, now);
  }

  private async seeDown(watched: Watched, isEvent: boolean): Promise<void> {
    const now = this.parts.now();
    const { channel, firstReadyAt, seenReadyAt } = watched;
    // One that was never paired is not missed.
    if (!firstReadyAt) return;
    watched.seenDownAt ??= now;
    if (!watched.outage) {
      const from = isEvent ? now : (seenReadyAt ?? now);
      watched.outage = await this.parts.outages.begin(channel.id, from);
      await this.refresh();
      this.parts.log.warn({ channel: channel.id, health: channel.health() }, 'a transport is down');
    }
    const { outage } = watched;
    if (outage.toldAt || now.getTime() - watched.seenDownAt.getTime() < TOLD_AFTER_MS) return;
    const since = clock(outage.from, now, this.parts.timeZone);
    const text = `${LINE_NAME[channel.kind]} has been unreachable since ${since}; messages are held.`;
    await this.parts.raise(`outage:${outage._id}:down`, TEAM, text);
    await this.parts.outages.told(outage._id, now);
    outage.toldAt = now;
  }

  private async end(watched: Watched, outage: Outage, now: Date): Promise<void> {
    const lastedMs = now.getTime() - outage.from.getTime();
    const isToBeSummedUp = lastedMs >= SUMMED_UP_FROM_MS || outage.toldAt !== undefined;
    await this.parts.outages.end(outage._id, now, isToBeSummedUp);
    watched.outage = undefined;
    await this.refresh();
    this.parts.log.info({ channel: outage.channel, lastedMs }, 'a transport is back');
  }

  private async save(watched: Watched, now: Date): Promise<void> {
    await this.parts.channelStates.ready(watched.channel.id, now, watched.lastMessageAt);
    watched.savedAt = now;
  }

  private async oweBackfill(watched: Watched, now: Date): Promise<void> {
    const { channel, outage, lastMessageAt, firstReadyAt = now, backfill } = watched;
    const begun = Math.min(
      outage?.from.getTime() ?? now.getTime(),
      lastMessageAt?.getTime() ?? now.getTime(),
    );
    const wanted = Math.max(
      begun - OVERLAP_MS,
      now.getTime() - LOOKED_BACK_MS,
      // What was said before the phone was paired is not ours to answer.
      firstReadyAt.getTime(),
    );
    const from = await this.parts.channelStates.oweBackfill(channel.id, new Date(wanted));
    if (backfill?.isRunning) Object.assign(backfill, { from, again: true });
    else watched.backfill = { from, attempts: 0, notBefore: now, isRunning: false, again: false };
  }

  /** Begins to look for messages when that is owed and due; goes on by itself. */
  private goOnLooking(watched: Watched, health: Health): void {
    const { backfill } = watched;
    if (!backfill || backfill.isRunning || this.isStopped) return;
    if (health !== 'ready' || backfill.notBefore > this.parts.now()) return;
    backfill.isRunning = true;
    backfill.again = false;
    const running = this.lookFor(watched, backfill).finally(() => {
      backfill.isRunning = false;
      this.backfills.delete(running);
      // It was ready once more meanwhile.
      if (backfill.again) this.goOnLooking(watched, watched.channel.health());
    });
    this.backfills.add(running);
  }

  /** Never rejects: a failure is tried again. */
  private async lookFor(watched: Watched, backfill: Backfill): Promise<void> {
    const { channelStates, log, now, alert } = this.parts;
    const { channel } = watched;
    const { from } = backfill;
    try {
      const found = await this.fetchSince(channel, from);
      if (this.isStopped) return;
      log.info({ channel: channel.id, from, ...found }, 'looked for what was written meanwhile');
      backfill.attempts = 0;
      if (backfill.again) return;
      await channelStates.backfilled(channel.id, from);
      watched.backfill = undefined;
    } catch (error) {
      backfill.attempts += 1;
      const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (backfill.attempts - 1), LONGEST_RETRY_MS);
      backfill.notBefore = new Date(now().getTime() + delayMs);
      log.error(
        { err: error, channel: channel.id, attempts: backfill.attempts },
        'what was written meanwhile could not be fetched; trying again',
      );
      if (backfill.attempts !== WORTH_TELLING) return;
      const since = clock(from, now(), this.parts.timeZone);
      await alert(
        `backfill:${channel.id}`,
        `What buyers wrote to ${LINE_NAME[channel.kind]} since ${since} cannot be fetched at the moment; please look at the phone as well.`,
      );
    }
  }

  private async fetchSince(channel: Channel, from: Date): Promise<{ messages: number; echoes: number }> {
    const { receive, echoed } = this.parts;
    const found = { messages: 0, echoes: 0 };
    for await (const { messages, echoes } of channel.backfill(from)) {
      if (this.isStopped) break;
      // What was answered from the phone first: else the bot would answer it once more.
      if (echoes.length > 0) await echoed(channel, echoes);
      if (messages.length > 0) await receive(channel, messages);
      found.messages += messages.length;
      found.echoes += echoes.length;
    }
    return found;
  }

  /** Tells people once what arrived during an outage, when all of it has been answered or handed over. */
  private async sumUp(watched: Watched, outage: Outage): Promise<void> {
    const { outages, inbound, now, raise, log } = this.parts;
    const { channel } = watched;
    const sinceEndMs = now().getTime() - (outage.to ?? now()).getTime();
    const arrived = await inbound.model.find({ _id: { $in: outage.messages } }).lean<InboundRecord[]>();
    const isOpen = watched.backfill !== undefined || arrived.some((each) => !each.outcome);
    const comingInMs = channel.caps.backfill ? COMING_IN_MS.backfill : COMING_IN_MS.redelivered;
    if (sinceEndMs < (isOpen ? SUMMARY_WITHIN_MS : comingInMs))
      return outages.sumUpLater(outage._id, new Date(now().getTime() + LOOK_AGAIN_MS));
    const tickets = await this.openTickets(arrived);
    log.info(
      { channel: channel.id, arrived: arrived.length, cases: tickets.length },
      'an outage is summed up',
    );
    const text = summaryText(outage, LINE_NAME[channel.kind], arrived.length, tickets);
    if (text) await raise(`outage:${outage._id}:summary`, TEAM, text);
    await outages.summedUp(outage._id);
  }

  /** Cases that messages were handed to and that still need somebody, by ticket, in the order of the messages. */
  private async openTickets(arrived: InboundRecord[]): Promise<string[]> {
    const inOrder = [...arrived].sort((a, b) => a.at.getTime() - b.at.getTime());
    const ids = inOrder.flatMap(({ outcome }) => (outcome?.kind === 'case' ? [outcome.caseId] : []));
    const cases = await Promise.all([...new Set(ids)].map((id) => this.parts.cases.byId(id)));
    return cases.flatMap((each) => (each?.status === 'open' ? [each.ticket] : []));
  }

  private async refresh(): Promise<void> {
    const now = this.parts.now();
    this.recent = await this.parts.outages.recent(now);
    this.refreshedAt = now.getTime();
  }

  /** One at a time per transport, in the order of its events. */
  private async inLine(channel: string, work: () => Promise<void>): Promise<void> {
    const before = this.lines.get(channel) ?? Promise.resolve();
    const current = before.then(work);
    // Whoever asked hears of a failure; those behind go on.
    this.lines.set(
      channel,
      current.catch(() => undefined),
    );
    await current;
  }
}

function isWithin({ from, to }: Outage, at: Date): boolean {
  return at >= from && (to === undefined || at <= to);
}

function latestOf(...dates: (Date | undefined)[]): Date | undefined {
  return dates.reduce((latest, each) => (each && (!latest || each > latest) ? each : latest), undefined);
}

/** Undefined when there is nothing to tell: nobody wrote, and nobody knew of it. */
function summaryText(outage: Outage, name: string, arrived: number, tickets: string[]): string | undefined {
  const lastedMs = (outage.to ?? outage.from).getTime() - outage.from.getTime();
  const back = outage.toldAt ? `${name} is back. ` : '';
  if (arrived === 0)
    return outage.toldAt && `${back}No message arrived during the outage of ${lasted(lastedMs, ' ')}.`;
  const count = arrived >= MESSAGES_KEPT ? `More than ${MESSAGES_KEPT}` : `${arrived}`;
  const messages = arrived === 1 ? '1 message' : `${count} messages`;
  const named = tickets.slice(0, TICKETS_NAMED).join(', ');
  const more = tickets.length > TICKETS_NAMED ? ` and ${tickets.length - TICKETS_NAMED} more` : '';
  const needed =
    tickets.length === 0
      ? 'none needs you'
      : `${tickets.length} ${tickets.length === 1 ? 'needs' : 'need'} you: ${named}${more}`;
  return `${back}${messages} arrived during a ${lasted(lastedMs, '-')} outage of ${name}; ${needed}.`;
}

/** `4-minute`, or with a blank `4 minutes`. */
function lasted(ms: number, joint: '-' | ' '): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE_MS));
  const [count, unit] = minutes < 90 ? [minutes, 'minute'] : [Math.round(minutes / 60), 'hour'];
  return `${count}${joint}${unit}${joint === ' ' && count > 1 ? 's' : ''}`;
}

/** `14:02`, with the day when it was not today. */
function clock(at: Date, now: Date, timeZone: string): string {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  return local.hasSame(DateTime.fromJSDate(now, { zone: timeZone }), 'day')
    ? local.toFormat('HH:mm')
    : local.toFormat('d MMM, HH:mm');
}
