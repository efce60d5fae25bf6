import { DateTime } from 'luxon';
import type { Effect } from '../flows/types.ts';
import type { Conversation, Owed } from '../models/conversation.ts';
import { type Channel, ChannelError } from './channels/channel.ts';
import type { EffectParts, Paid } from './effects.ts';
import { composeOutgoing, type Outgoing, type SendEffect } from './outgoing.ts';
import { handleOf } from './receive.ts';

const WINDOW_MS = 24 * 3_600_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Attempts that certainly did not go out, before a person is told. About an hour with the delays above. */
const MOST_ATTEMPTS = 65;
/** Reminders go out between these local hours: [8, 21). */
const QUIET = { untilHour: 8, fromHour: 21 };

/** Sends one owed message through its channel: checked again at the last moment, and never twice blindly. */
export class Sender {
  private readonly parts: EffectParts;

  constructor(parts: EffectParts) {
    this.parts = parts;
  }

  /** Tries to send; says whether it is settled, must wait, or needs a person. */
  async send(conversation: Conversation, owed: Owed, effect: SendEffect): Promise<Paid> {
    const channel = this.parts.channels.get(conversation.channel);
    const now = this.parts.now();
    if (!channel) return { kind: 'later', at: new Date(now.getTime() + LONGEST_RETRY_MS) };
    const latest = (await this.parts.models.conversations.fresh(conversation._id)) ?? conversation;
    const held = this.heldBack(latest, effect, now);
    if (held) return held;
    const outgoing = await this.compose(channel, latest, effect);
    if (outgoing instanceof Error) return undelivered(effect, outgoing.message);
    const { sends } = this.parts.models;
    const claim = await sends.claim(owed.id, conversation._id, conversation.buyer, now);
    if (claim.kind === 'settled') return { kind: 'done' };
    if (claim.kind === 'wait') return { kind: 'later', at: claim.until };
    if (claim.kind === 'unknown') return this.reconcile(conversation, owed, effect, now);
    return this.deliver(channel, latest, owed, effect, outgoing);
  }

  /**
   * Why the bot must not say this now: a person has the word, the buyer wants no more messages, it is night,
   * or it has become pointless. A person's own words are never held back.
   */
  private heldBack({ state }: Conversation, effect: SendEffect, now: Date): Paid | undefined {
    if (effect.kind === 'sendText') return undefined;
    const isReminder = effect.kind === 'sendTemplate' && effect.category === 'reminder';
    const expiresAt = effect.kind === 'sendTemplate' ? effect.expiresAt : undefined;
    if (expiresAt && expiresAt <= now) return suppressed(effect, 'its time had passed');
    if (isReminder && state.optedOutAt) return suppressed(effect, 'the buyer opted out');
    if (isReminder && state.cases.some((each) => each.pausesReminders))
      return suppressed(effect, 'reminders are paused for an open case');
    const personUntil =
      state.owner.kind === 'staff' && state.owner.until > now ? state.owner.until : undefined;
    if (personUntil && !isReminder) return suppressed(effect, 'a person has the conversation');
    const wait = personUntil ?? (isReminder ? this.endOfQuiet(now) : undefined);
    if (!wait) return undefined;
    return expiresAt && wait >= expiresAt
      ? suppressed(effect, 'it could not wait')
      : { kind: 'later', at: wait };
  }

  private endOfQuiet(now: Date): Date | undefined {
    const local = DateTime.fromJSDate(now, { zone: this.parts.timeZone });
    const morning = local.set({ hour: QUIET.untilHour, minute: 0, second: 0, millisecond: 0 });
    if (local.hour < QUIET.untilHour) return morning.toJSDate();
    return local.hour >= QUIET.fromHour ? morning.plus({ days: 1 }).toJSDate() : undefined;
  }

  private async deliver(
    channel: Channel,
    conversation: Conversation,
    owed: Owed,
    effect: SendEffect,
    outgoing: Outgoing,
  ): Promise<Paid> {
    const { sends } = this.parts.models;
    try {
      const { providerId } = await channel.send({
        to: handleOf(conversation.replyTo),
        outboxId: owed.id,
        content: outgoing.content,
      });
      await sends.accepted(owed.id, providerId);
    } catch (error) {
      return this.refused(error, owed, effect);
    }
    this.parts.onSend('accepted', this.parts.now().getTime() - owed.owedAt.getTime());
    return { kind: 'done', entry: { who: voiceOf(effect), kind: 'message', what: outgoing.said } };
  }

  /** The words, or the error when they cannot be made: then no attempt is worth repeating. */
  private async compose(
    channel: Channel,
    { state }: Conversation,
    effect: SendEffect,
  ): Promise<Outgoing | Error> {
    const now = this.parts.now();
    const ticketOf = effect.kind === 'sendTemplate' ? effect.ticketOf : undefined;
    const ticket = ticketOf && (await this.parts.models.cases.byId(ticketOf))?.ticket;
    const windowOpen = now.getTime() - (state.lastInboundAt?.getTime() ?? 0) < WINDOW_MS;
    const { timeZone, portfolio } = this.parts;
    const context = { language: state.language, timeZone, caps: channel.caps, windowOpen, now };
    try {
      return await composeOutgoing(effect, { ...context, ...(ticket && { ticket }) }, portfolio);
    } catch (error) {
      this.parts.log.error({ err: error, effect: nameOf(effect) }, 'a message could not be composed');
      return error instanceof Error ? error : new Error('it could not be composed');
    }
  }

  private async refused(error: unknown, owed: Owed, effect: SendEffect): Promise<Paid> {
    const { sends } = this.parts.models;
    const now = this.parts.now();
    if (!(error instanceof ChannelError)) throw error;
    this.parts.onSend(error.class, now.getTime() - owed.owedAt.getTime());
    const reason = `${error.class} ${error.code}`;
    if (error.class === 'unknown') {
      return { kind: 'later', at: await sends.outcomeUnknown(owed.id, now) };
    }
    const isFinal = error.class === 'recipient' || error.class === 'template' || error.class === 'window';
    if (!isFinal) {
      const attempts = await sends.putBack(owed.id, reason);
      this.parts.log.warn({ outboxId: owed.id, reason, attempts }, 'the channel did not take a message');
      const delayMs = error.retryAfterMs ?? Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
      if (attempts < MOST_ATTEMPTS) return { kind: 'later', at: new Date(now.getTime() + delayMs) };
    }
    await sends.failed(owed.id, reason);
    return undelivered(effect, reason);
  }

  /** No report came in time. The bot's words are worth a possible repetition; a person's are asked about. */
  private async reconcile(
    conversation: Conversation,
    owed: Owed,
    effect: SendEffect,
    now: Date,
  ): Promise<Paid> {
    const { sends } = this.parts.models;
    if (effect.kind === 'sendText') {
      await sends.failed(owed.id, 'unknown');
      return undelivered(effect, 'nobody knows whether it went out; please check before you send it again');
    }
    if (await sends.sendAgain(owed.id, now)) return this.send(conversation, owed, effect);
    return { kind: 'later', at: new Date(now.getTime() + FIRST_RETRY_MS) };
  }
}

function suppressed(effect: SendEffect, reason: string): Paid {
  return {
    kind: 'done',
    entry: { who: 'bot', kind: 'decision', what: `held back: ${nameOf(effect)}`, why: reason },
  };
}

function undelivered(effect: SendEffect, reason: string): Paid {
  const caseId = caseOf(effect);
  return { kind: 'undelivered', what: nameOf(effect), reason, ...(caseId && { caseId }) };
}

function caseOf(effect: Effect): string | undefined {
  if (effect.kind === 'sendText') return effect.caseId;
  return effect.kind === 'sendTemplate' ? effect.ticketOf : undefined;
}

function voiceOf(effect: SendEffect): string {
  return effect.kind === 'sendText' ? effect.staff.name : 'bot';
}

function nameOf(effect: SendEffect): string {
  if (effect.kind === 'sendText') return `${effect.staff.name}'s message`;
  return effect.kind === 'sendTemplate' ? effect.template : effect.document;
}
