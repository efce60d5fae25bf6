import type { Conversation } from '../models/conversation.ts';
import type { SendEffect } from '../models/send.ts';
import type { Caps, Handle, Health } from './channels/channel.ts';
import { hasTemplate } from './outgoing.ts';
import { handleOf } from './receive.ts';

/** By which transport a message goes, in which form, or how long it has to wait. Pure. */

/** A transport as a decision sees it: how it is, and since when. */
export type Line = { id: string; caps: Caps; health: Health; since: Date };

export type RouteQuestion = {
  conversation: Pick<Conversation, 'channel' | 'replyTo' | 'state'>;
  effect: SendEffect;
  /** Every handle of the buyer, as `kind:value`. */
  handles: string[];
  lines: Line[];
  /** How long a transport may be away before another one takes over. */
  failoverMs: number;
  now: Date;
};

/**
 * A way (`template` for a person's own words means that the buyer must be asked to write first; `cold` that we
 * speak first there), or the moment to look again. `alert` names the transport that keeps the message waiting
 * and why, once waiting is no longer what it is there for.
 */
export type Route =
  | { via: string; to: Handle; as: 'free' | 'template'; cold: boolean }
  | { hold: Date; alert?: { channel: string; reason: string } };

const WINDOW_MS = 24 * 3_600_000;
const SHORTEST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 60_000;

/** When the 24 hours are over that a buyer's last message began; undefined when they never wrote. */
export function windowEndOf({ lastInboundAt }: Conversation['state']): Date | undefined {
  return lastInboundAt && new Date(lastInboundAt.getTime() + WINDOW_MS);
}

/** Whether the buyer wrote in the last 24 hours, on the transport they wrote to last. */
export function isWindowOpen({ lastInboundAt }: Conversation['state'], now: Date): boolean {
  return lastInboundAt !== undefined && now.getTime() - lastInboundAt.getTime() < WINDOW_MS;
}

/**
 * While the window is open and the transport up: free words by the transport that the buyer wrote to. Otherwise
 * the approved template by one that has templates; a transport that is away for a short time is waited for.
 */
export function routeOf(question: RouteQuestion): Route {
  const { conversation, lines, failoverMs, now } = question;
  const own = lines.find(({ id }) => id === conversation.channel);
  if (!own) {
    const away = new Date(now.getTime() - failoverMs);
    return takeOver(question) ?? hold(conversation.channel, 'not configured', away, now);
  }
  const isOpen = isWindowOpen(conversation.state, now);
  if (isUp(own)) {
    const way = { via: own.id, to: handleOf(conversation.replyTo), cold: !isOpen };
    if (isOpen) return { ...way, as: 'free' };
    if (own.caps.window24h) return { ...way, as: 'template' };
    return proactive(question, own) ?? { ...way, as: 'free' };
  }
  const takesOverAt = new Date(own.since.getTime() + failoverMs);
  if (takesOverAt > now) return { hold: earlier(nextLook(own.since, now), takesOverAt) };
  return takeOver(question, own) ?? hold(own.id, own.health, own.since, now);
}

/** Up: it takes messages now. Anything else (pairing, degraded, blocked, ...) keeps them waiting. */
function isUp({ health }: Line): boolean {
  return health === 'ready';
}

/**
 * A message that nobody asked for, on a transport without a window of its own: an approved template is safer,
 * and a transport for it that is configured but away is waited for. Undefined when none can carry it to this buyer.
 */
function proactive(question: RouteQuestion, own: Line): Route | undefined {
  const [line] = hasTemplate(question.effect) ? linesForTemplates(question, own) : [];
  if (!line) return undefined;
  const { failoverMs, now } = question;
  if (isUp(line)) return byTemplate(question, line);
  const isLong = now.getTime() - line.since.getTime() >= failoverMs;
  return isLong ? hold(line.id, line.health, line.since, now) : { hold: nextLook(line.since, now) };
}

function takeOver(question: RouteQuestion, own?: Line): Route | undefined {
  const line = linesForTemplates(question, own).find(isUp);
  return line && byTemplate(question, line);
}

/** The other transports with approved templates that reach this buyer, those that are up first. */
function linesForTemplates({ lines, handles }: RouteQuestion, own: Line | undefined): Line[] {
  const others = lines.filter((line) => line !== own && line.caps.templates);
  return addressOf(handles) ? others.sort((a, b) => Number(isUp(b)) - Number(isUp(a))) : [];
}

function byTemplate({ handles }: RouteQuestion, line: Line): Route | undefined {
  const to = addressOf(handles);
  return to && { via: line.id, to, as: 'template', cold: true };
}

/** A phone or, where that is unknown, the id that WhatsApp gives to businesses. */
function addressOf(handles: string[]): Handle | undefined {
  const known = handles.map(handleOf);
  return known.find(({ kind }) => kind === 'pn') ?? known.find(({ kind }) => kind === 'bsuid');
}

function hold(channel: string, reason: string, since: Date, now: Date): Route {
  return { hold: nextLook(since, now), alert: { channel, reason } };
}

/** The longer a transport has been away, the less often it is looked at: from every second to every minute. */
function nextLook(since: Date, now: Date): Date {
  const awayMs = now.getTime() - since.getTime();
  return new Date(now.getTime() + Math.min(Math.max(awayMs / 2, SHORTEST_HOLD_MS), LONGEST_HOLD_MS));
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
