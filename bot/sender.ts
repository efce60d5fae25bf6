import { buffer } from 'node:stream/consumers';
import { type ConsentRefusal, consentAgainst, isUnasked } from '../flows/consent/consent.ts';
import { endOfQuiet } from '../flows/quietHours.ts';
import type { Effect } from '../flows/types.ts';
import type { Conversation, Owed } from '../models/conversation.ts';
import { SPARED } from '../models/recipient.ts';
import { isTemplateRetry, type Letter, RECONCILE_MS, type Send, type SendEffect } from '../models/send.ts';
import { type Channel, ChannelError, type Outbound } from './channels/channel.ts';
import type { EffectParts, Paid } from './effects.ts';
import {
  caseOf,
  choicesOf,
  composeOutgoing,
  hasTemplate,
  INVITATION,
  inputOf,
  isOwnWords,
  isReminder,
  nameOf,
  type Outgoing,
  personOf,
  purposeOf,
} from './outgoing.ts';
import { handleKey, handleOf } from './receive.ts';
import { type Route, routeOf } from './route.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const LONGEST_RETRY_MS = 60 * SECOND_MS;
/** What could not go out for this long is no answer any more: a person takes over. */
const ANSWER_WAITS_MS = 24 * HOUR_MS;
/** A person's words may wait this long for the buyer to write; a reminder, unless it expires earlier. */
const LONGEST_WAIT_MS = 72 * HOUR_MS;
/** Without a report for this long, while the transport is up, nobody knows whether a message went out. */
const DOUBT_MS = 60 * SECOND_MS;
/** How often a message that certainly never arrived is sent again after a doubt. */
const MOST_RESENDS = 2;
/** The buyer's own cap on what nobody waits for, and how long it holds. */
const MARKETING_CAP = '131049';
const MARKETING_OPT_OUT = '131050';
const MARKETING_CAP_MS = 24 * HOUR_MS;

/** Whether the run that a reminder belongs to has moved on since it was owed. */
function isOvertaken({ runs }: Conversation['state'], effect: SendEffect): boolean {
  const during = effect.kind === 'sendTemplate' ? effect.during : undefined;
  if (!during) return false;
  const run = runs.find(({ id }) => id === during.run);
  return run?.stage !== during.stage || run.enteredAt > during.since;
}

type Way = Extract<Route, { via: string }>;

/** Everything about one owed message that its way is decided by. */
type Errand = { conversation: Conversation; owed: Owed; effect: SendEffect; now: Date };

/** Sends one owed message by the way that is open: checked again at the last moment, and never twice blindly. */
export class Sender {
  private readonly parts: EffectParts;

  constructor(parts: EffectParts) {
    this.parts = parts;
  }

  /** Tries to send; says whether it is settled, must wait, or needs a person. */
  async send(known: Conversation, owed: Owed, effect: SendEffect): Promise<Paid> {
    const now = this.parts.now();
    const conversation = (await this.parts.models.conversations.fresh(known._id)) ?? known;
    const errand = { conversation, owed, effect, now };
    const held =
      (await this.spared(errand)) ??
      this.heldBack(errand) ??
      (await this.settled(errand)) ??
      (await this.unwanted(errand));
    if (held) return this.withdrawn(held, owed);
    const route = await this.route(errand);
    if ('hold' in route) {
      if (route.alert) this.parts.lines.held(route.alert.channel, route.alert.reason);
      return this.wait(errand, route.hold, route.alert?.reason ?? 'the transport is away');
    }
    return this.sendBy(route, errand);
  }

  /** Why a campaign's reminder must not go out after all, or not while its campaign is paused. */
  private async spared({ conversation, owed, effect, now }: Errand): Promise<Paid | undefined> {
    if (effect.kind !== 'sendTemplate' || !effect.campaign) return undefined;
    const { campaign } = effect;
    const verdict = await this.parts.guard.check(conversation, owed.id, { ...effect, campaign }, now);
    if (verdict === 'go') return undefined;
    if ('holdUntil' in verdict) return postponed(effect, verdict.holdUntil, 'its campaign is paused');
    return suppressed(effect, SPARED[verdict.spared], verdict.spared);
  }

  /**
   * Why the bot must not say this now: a person has the word, the buyer wants no such messages, it is night,
   * or it has become pointless. A person's own words, and the request to read them, are never held back.
   */
  private heldBack(errand: Errand): Paid | undefined {
    const { conversation, effect, now } = errand;
    const { state } = conversation;
    if (speaksForPerson(effect)) return undefined;
    const isReminding = isReminder(effect);
    const expiresAt = effect.kind === 'sendTemplate' ? effect.expiresAt : undefined;
    if (expiresAt && expiresAt <= now) return suppressed(effect, 'its time had passed');
    if (isOvertaken(state, effect)) return suppressed(effect, 'its matter has moved on');
    if (effect.kind === 'sendTemplate' && effect.isAskedOnPage) return undefined;
    const refusal = refusalOf(errand);
    if (refusal) return notSent(effect, REFUSED[refusal], errand.owed.id, refusal);
    if (isReminding && state.cases.some((each) => each.pausesReminders))
      return notSent(effect, 'reminders are paused for an open case', errand.owed.id);
    const personUntil =
      state.owner.kind === 'staff' && state.owner.until > now ? state.owner.until : undefined;
    if (personUntil && !isReminding) return suppressed(effect, 'a person has the conversation');
    const quietUntil = endOfQuiet(purposeOf(effect), now, this.parts.timeZone);
    const wait = personUntil ?? (isReminding ? quietUntil : undefined);
    if (!wait) return undefined;
    return postponed(effect, wait, 'it could not wait');
  }

  /** Why a demand need not be reminded of any more, as the books stand at this very moment. */
  private async settled({ effect, now }: Errand): Promise<Paid | undefined> {
    if (effect.kind !== 'sendTemplate' || !isReminder(effect) || effect.about === undefined) return undefined;
    const demand = await this.parts.demandOf(effect.about, now);
    if (!demand || demand.duePaise === 0) return suppressed(effect, 'it has been paid');
    if (demand.isClaimed) return suppressed(effect, 'the buyer says that it is paid');
    const { amountPaise } = effect.data;
    const isSame = amountPaise === undefined || amountPaise === demand.duePaise;
    return isSame ? undefined : suppressed(effect, 'a part of it has been paid');
  }

  /** What WhatsApp has refused on the buyer's behalf: a cap holds for a day, an opt-out until they write again. */
  private async unwanted(errand: Errand): Promise<Paid | undefined> {
    const { conversation, effect, now } = errand;
    if (!isReminder(effect)) return undefined;
    const { sends } = this.parts.models;
    const lastHeard = conversation.state.lastInboundAt ?? new Date(0);
    const optOut = await sends.latestRefusal(conversation._id, [MARKETING_OPT_OUT], lastHeard);
    if (optOut) return notSent(effect, 'the buyer has stopped such messages in WhatsApp', errand.owed.id);
    const since = new Date(now.getTime() - MARKETING_CAP_MS);
    const capped = await sends.latestRefusal(conversation._id, [MARKETING_CAP], since);
    if (!capped) return undefined;
    const until = new Date(capped.startedAt.getTime() + MARKETING_CAP_MS);
    return postponed(effect, until, 'WhatsApp allows this buyer no more such messages for now');
  }

  private async route({ conversation, owed, effect, now }: Errand): Promise<Route> {
    const { lines, failoverMs, models } = this.parts;
    const all = lines.all();
    // Other ways to reach the buyer matter only where there is another transport.
    const others = all.length > 1 ? await models.buyers.handlesOf(conversation.buyer) : [];
    const handles = [conversation.replyTo, ...others];
    const route = routeOf({ conversation, effect, handles, lines: all, failoverMs, now });
    // Meta has told us that the window is closed, whatever our own clock says.
    return 'via' in route && isTemplateRetry(owed.id) ? { ...route, as: 'template' } : route;
  }

  private async sendBy(way: Way, errand: Errand): Promise<Paid> {
    const { conversation, owed, effect, now } = errand;
    const channel = this.parts.channels.get(way.via);
    if (!channel) throw new Error(`no transport ${way.via}`);
    if (way.as === 'template' && !hasTemplate(effect)) return this.invite(way, errand);
    const letter = { as: way.as, language: conversation.state.language, effect };
    const outgoing = await this.compose(channel, conversation.buyer, letter, now);
    if (outgoing instanceof Error) return this.giveUp(errand, outgoing.message);
    const { limits, models } = this.parts;
    const wish = { cold: way.cold, isReminder: isReminder(effect) };
    const permit = await limits.take(channel, conversation._id, wish, now);
    if ('waitUntil' in permit) return this.wait(errand, permit.waitUntil, permit.reason);
    const claim = await models.sends.claim(owed.id, letterOf(way, errand, outgoing), now);
    if (claim.kind === 'go') return this.deliver(channel, way, errand, outgoing);
    await limits.giveBack(channel, conversation._id, wish, now);
    if (claim.kind === 'wait') return { kind: 'later', at: claim.until };
    if (claim.kind === 'unknown') return this.resolveDoubt(claim.send, errand);
    if (claim.send.status !== 'failed') return said(effect, outgoing, claim.send.as);
    return { kind: 'done', result: { status: 'failed', reason: claim.send.error ?? 'it was refused' } };
  }

  private async deliver(channel: Channel, way: Way, errand: Errand, outgoing: Outgoing): Promise<Paid> {
    const { conversation, owed, effect } = errand;
    const { limits, lines, models, now, onSend } = this.parts;
    try {
      const { content } = outgoing;
      const { providerId } = await channel.send({ to: way.to, outboxId: owed.id, content });
      await models.sends.accepted(owed.id, providerId);
    } catch (error) {
      return this.refused(error, channel, way, errand);
    }
    await limits.accepted(channel, conversation._id, now());
    lines.free(channel.id);
    onSend('accepted', now().getTime() - owed.owedAt.getTime());
    return said(effect, outgoing, way.as);
  }

  /**
   * The words as they are at a moment, or the error when they cannot be made: then no attempt is worth repeating. Of
   * the same moment they are the same, so that a message in doubt is found again by what it says, its link too.
   */
  private async compose(
    channel: Channel,
    buyer: string,
    { as, language, effect }: Pick<Send, 'as' | 'language' | 'effect'>,
    at: Date,
  ): Promise<Outgoing | Error> {
    const { timeZone, portfolio, papers, calendarOf, models, linkOf, codeOf, log } = this.parts;
    const ticketOf = effect.kind === 'sendTemplate' ? effect.ticketOf : undefined;
    const ticket = ticketOf && (await models.cases.byId(ticketOf))?.ticket;
    try {
      const link = 'link' in effect && effect.link && (await linkOf({ buyer, ...effect.link }, at));
      const code = effect.kind === 'sendTemplate' && effect.code !== undefined && codeOf(effect.code);
      const known = { ...(ticket && { ticket }), ...(link && { link }), ...(code && { code }) };
      const context = { language, timeZone, caps: channel.caps, as, now: at, ...known };
      return await composeOutgoing(effect, context, { portfolio, papers, calendarOf }, (id) =>
        buffer(models.files.read(id)),
      );
    } catch (error) {
      log.error({ err: error, effect: nameOf(effect) }, 'a message could not be composed');
      return error instanceof Error ? error : new Error('it could not be composed');
    }
  }

  private async refused(error: unknown, channel: Channel, way: Way, errand: Errand): Promise<Paid> {
    const { conversation, owed, effect, now } = errand;
    const { models, limits, lines, onSend, log } = this.parts;
    if (!(error instanceof ChannelError)) throw error;
    const { code, retryAfterMs } = error;
    onSend(error.class, now.getTime() - owed.owedAt.getTime());
    const refusal = { code, retryAfterMs, cold: way.cold };
    await limits.refused(channel, conversation._id, refusal, now);
    const reason = `${error.class} ${code}`;
    if (error.class === 'unknown')
      return { kind: 'later', at: await models.sends.outcomeUnknown(owed.id, now) };
    if (error.class === 'window' && way.as === 'free') {
      await models.sends.putBack(owed.id, reason, code);
      return this.sendBy({ ...way, as: 'template' }, errand);
    }
    if (isReminder(effect) && (code === MARKETING_CAP || code === MARKETING_OPT_OUT)) {
      await models.sends.putBack(owed.id, reason, code);
      const held = await this.unwanted(errand);
      return held ? this.withdrawn(held, owed) : this.giveUp(errand, reason, code);
    }
    if (error.class === 'template') log.error({ outboxId: owed.id, code }, 'WhatsApp refused our template');
    if (['recipient', 'template', 'window'].includes(error.class)) return this.giveUp(errand, reason, code);
    const attempts = await models.sends.putBack(owed.id, reason, code);
    log.warn({ outboxId: owed.id, reason, attempts }, 'the channel did not take a message');
    if (error.class === 'auth' || error.class === 'blocked') lines.held(channel.id, reason);
    return this.wait(errand, new Date(now.getTime() + retryDelayMs(error, attempts)), reason);
  }

  /**
   * Free words are not allowed: the buyer is asked once, by an approved template, to write; the person's words
   * go out as soon as they do. By another transport than the buyer's, their own may come back meanwhile.
   */
  private async invite(way: Way, errand: Errand): Promise<Paid> {
    const { conversation, owed, effect, now } = errand;
    if (!isOwnWords(effect)) throw new Error('only a person waits to be read');
    const { lastInboundAt } = conversation.state;
    const earliest = new Date(now.getTime() - LONGEST_WAIT_MS);
    const since = lastInboundAt && lastInboundAt > earliest ? lastInboundAt : earliest;
    const invited = await this.parts.models.sends.latestTemplate(conversation._id, INVITATION, since);
    if (invited?.status === 'failed')
      return this.giveUp(errand, `the buyer could not be asked to write: ${invited.error}`);
    const lookAgainMs = way.via === conversation.channel ? LONGEST_WAIT_MS : 5 * LONGEST_RETRY_MS;
    const paid = await this.wait(errand, new Date(now.getTime() + lookAgainMs), 'the buyer did not write');
    if (invited || paid.kind !== 'later') return paid;
    return { ...paid, first: await this.invitation(owed, effect, now) };
  }

  private async invitation(
    { id }: Owed,
    { staff, caseId }: Extract<SendEffect, { kind: 'sendText' | 'sendFile' }>,
    now: Date,
  ): Promise<Owed[]> {
    const team = (await this.parts.models.cases.byId(caseId))?.team ?? 'sales';
    const ask: Effect = {
      kind: 'sendTemplate',
      template: INVITATION,
      data: { name: staff.name, team },
      category: 'reply',
      ticketOf: caseId,
    };
    const tell: Effect = { kind: 'postToCase', caseId, who: 'bot', text: WAITS_FOR_BUYER };
    return [
      { id: `${id}:ask`, effect: ask, owedAt: now },
      { id: `${id}:tell`, effect: tell, owedAt: now },
    ];
  }

  /** No report came in time: asks the provider, and a person when it cannot tell. */
  private async resolveDoubt(send: Send, errand: Errand): Promise<Paid> {
    const { owed, effect, now } = errand;
    const { channels, models, lines } = this.parts;
    const channel = channels.get(send.channel);
    const outgoing =
      channel && (await this.compose(channel, errand.conversation.buyer, send, send.startedAt));
    const again = outgoing instanceof Error ? undefined : outgoing;
    const found =
      channel && again ? await channel.reconcile(messageOf(send, again), send.startedAt) : UNCLEAR;
    if (found.kind === 'sent' && again) {
      await models.sends.accepted(owed.id, found.providerId);
      return said(effect, again, send.as);
    }
    if (found.kind === 'absent' || (await this.isSilenceTelling(channel, send)))
      return this.sendAgain(send, errand);
    const line = lines.all().find(({ id }) => id === send.channel);
    if (line && line.health !== 'ready') return this.wait(errand, soon(now), 'the transport is away');
    const doubtedAt = Math.max(send.unknownAt?.getTime() ?? 0, line?.since.getTime() ?? 0);
    if (now.getTime() < doubtedAt + DOUBT_MS) return { kind: 'later', at: soon(now) };
    await models.sends.failed(owed.id, 'unknown');
    return doubtful(effect, again?.said);
  }

  /**
   * A transport that cannot look back echoes our ids in its reports. When later messages have been reported
   * since, silence about this one means that it never went out: good enough for the bot's words, which may be
   * said twice at worst, but not for a person's.
   */
  private async isSilenceTelling(channel: Channel | undefined, send: Send): Promise<boolean> {
    if (!channel || channel.caps.backfill || personOf(send.effect) || !send.unknownAt) return false;
    return this.parts.models.sends.hasReportsSince(send.channel, send.unknownAt);
  }

  private async sendAgain(send: Send, errand: Errand): Promise<Paid> {
    const { conversation, owed, effect, now } = errand;
    const resends = send.deliveries.filter(({ state }) => state === 'unknown').length;
    if (resends >= MOST_RESENDS) return this.giveUp(errand, `it never arrived, in ${resends + 1} attempts`);
    if (await this.parts.models.sends.sendAgain(owed.id, now)) return this.send(conversation, owed, effect);
    return { kind: 'later', at: new Date(now.getTime() + SECOND_MS) };
  }

  /** Looks again at `until`, unless the message has become too old to wait: then a person learns of it. */
  private async wait(errand: Errand, until: Date, reason: string): Promise<Paid> {
    const { owed, effect, now } = errand;
    const isAnswer = !isReminder(effect) && !isOwnWords(effect);
    const giveUpAt = new Date(owed.owedAt.getTime() + (isAnswer ? ANSWER_WAITS_MS : LONGEST_WAIT_MS));
    if (now < giveUpAt) return { kind: 'later', at: until < giveUpAt ? until : giveUpAt };
    const { sends } = this.parts.models;
    const status = (await sends.byId(owed.id))?.status ?? 'queued';
    if (status === 'sending' || status === 'unknown') {
      await sends.failed(owed.id, 'unknown');
      return doubtful(effect);
    }
    if (!isReminder(effect))
      return this.giveUp(errand, `it could not go out for ${isAnswer ? 24 : 72} hours: ${reason}`);
    return this.withdrawn(suppressed(effect, `it could not go out in time: ${reason}`), owed);
  }

  /** It will not go out, for certain: a person learns of it. */
  private async giveUp({ owed, effect }: Errand, reason: string, code?: string): Promise<Paid> {
    await this.parts.models.sends.failed(owed.id, reason, code);
    return undelivered(effect, reason, owed.id);
  }

  /** What is never sent must not look as if it were still on its way. */
  private async withdrawn(held: Paid, { id }: Owed): Promise<Paid> {
    if (held.kind === 'done') await this.parts.models.sends.failed(id, 'held back');
    return held;
  }
}

const UNCLEAR = { kind: 'unclear' } as const;

const REFUSED: Record<ConsentRefusal, string> = {
  opted_out: 'the buyer opted out',
  no_offers: 'the buyer wants no offers',
  no_promotion_consent: 'the buyer has not agreed to offers',
  no_consent: 'the buyer has never written, bought or agreed to messages',
};

/** What the buyer's consent says against a reminder, and, after an opt-out, against anything they have not asked for. */
function refusalOf({ conversation, owed, effect }: Errand): ConsentRefusal | undefined {
  const { state, hasBookings } = conversation;
  if (!isReminder(effect)) return isUnasked(state, owed.owedAt) ? 'opted_out' : undefined;
  // Whom a campaign is about has been judged by what it is about.
  const isKnown = hasBookings === true || (effect.kind === 'sendTemplate' && effect.campaign !== undefined);
  return consentAgainst(state, purposeOf(effect), isKnown);
}

const WAITS_FOR_BUYER =
  'More than 24 hours have passed since the buyer wrote, and WhatsApp takes no free text then. They were told ' +
  'that a message is waiting; it goes out as soon as they write. If they do not within 72 hours, you will hear.';

function letterOf(way: Way, { conversation, effect }: Errand, outgoing: Outgoing): Letter {
  const choices = choicesOf(outgoing);
  return {
    conversation: conversation._id,
    buyer: conversation.buyer,
    channel: way.via,
    to: handleKey(way.to),
    effect,
    as: way.as,
    language: conversation.state.language,
    ...(choices && { choices }),
    ...(way.cold && { cold: true }),
  };
}

function messageOf({ to, _id }: Send, { content }: Outgoing): Outbound {
  return { to: handleOf(to), outboxId: _id, content };
}

function soon(now: Date): Date {
  return new Date(now.getTime() + RECONCILE_MS);
}

/** What was certainly not sent comes again after a while: as the provider asks, or later each time. */
function retryDelayMs({ code, retryAfterMs }: ChannelError, attempts: number): number {
  const doubledMs = Math.min(SECOND_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
  // The hour that spam reports cost is for what nobody waits for; an answer is tried again.
  return code === '131048' ? doubledMs : (retryAfterMs ?? doubledMs);
}

function said(effect: SendEffect, outgoing: Outgoing, as: Way['as']): Paid {
  const entry: Extract<Paid, { kind: 'done' }>['entry'] = {
    who: personOf(effect)?.name ?? 'bot',
    kind: 'message',
    what: outgoing.said,
    ...(as === 'template' && { why: 'sent as an approved template' }),
  };
  return { kind: 'done', entry };
}

/** `code` says it for those who count; the words without. */
function suppressed(effect: SendEffect, reason: string, code: string = reason): Paid {
  return {
    kind: 'done',
    result: { status: 'saved', reason: code },
    entry: { who: 'bot', kind: 'decision', what: `held back: ${nameOf(effect)}`, why: reason },
  };
}

/** A reminder is dropped; that a letter cannot go this way, people must know. */
function notSent(effect: SendEffect, reason: string, failure: string, code?: string): Paid {
  const isLetter = effect.kind === 'sendDocument' && isReminder(effect);
  return isLetter ? undelivered(effect, reason, failure) : suppressed(effect, reason, code);
}

/** It waits until then, unless it is worthless by then. */
function postponed(effect: SendEffect, until: Date, reason: string): Paid {
  const expiresAt = effect.kind === 'sendTemplate' ? effect.expiresAt : undefined;
  return expiresAt && until >= expiresAt ? suppressed(effect, reason) : { kind: 'later', at: until };
}

function undelivered(effect: SendEffect, reason: string, failure: string): Paid {
  if (isOfCampaign(effect)) return failedOf(effect, reason);
  const caseId = caseOf(effect);
  const reply = inputOf(effect);
  return {
    kind: 'undelivered',
    what: nameOf(effect),
    reason,
    ...(caseId && { caseId }),
    ...(reply && { retry: { reply, failure } }),
  };
}

function doubtful(effect: SendEffect, words: string = nameOf(effect)): Paid {
  if (isOfCampaign(effect)) return failedOf(effect, 'nobody knows whether it went out');
  const caseId = caseOf(effect);
  return { kind: 'doubtful', words, ...(caseId && { caseId }) };
}

function isOfCampaign(effect: SendEffect): boolean {
  return effect.kind === 'sendTemplate' && effect.campaign !== undefined;
}

/** The report of the campaign names it: a case for each would bury what people must answer. */
function failedOf(effect: SendEffect, reason: string): Paid {
  return {
    kind: 'done',
    result: { status: 'failed', reason },
    entry: { who: 'bot', kind: 'delivery', what: `not delivered: ${nameOf(effect)}`, why: reason },
  };
}

function speaksForPerson(effect: SendEffect): boolean {
  return personOf(effect) !== undefined || (effect.kind === 'sendTemplate' && effect.template === INVITATION);
}
