import type {
  Consent,
  ConsentKind,
  ConsentSource,
  ConversationState,
  HeardMessage,
  Purpose,
  StaffRef,
} from '../types.ts';

/**
 * What a buyer has agreed to hear without having asked, and what they have not. An opt-out counts from the write that
 * hears it, for every flow and campaign; an opt-in names where it came from. An inbound message lets us answer and
 * remind of what it was about, but is no opt-in to offers (WhatsApp Business Messaging Policy).
 */

/** Why a message that nobody asked for may not go out. */
export type ConsentRefusal = 'opted_out' | 'no_offers' | 'no_promotion_consent' | 'no_consent';

/** An opt-in as it is recorded: from whom, for what. `by` of a person who enters it. */
export type OptInGiven = { kinds: readonly ConsentKind[]; source: ConsentSource; at: Date; by?: StaffRef };

type Consents = Pick<ConversationState, 'consent' | 'optedOutAt' | 'promotionsOffAt'>;

/** These sources say that somebody wrote, whatever made them write, and nothing about offers. */
const SERVICE_ONLY: ReadonlySet<ConsentSource> = new Set(['inbound_message', 'click_to_chat']);

/** After an opt-out, what is said so long after the buyer last wrote is no answer any more. */
const ANSWERS_WITHIN_MS = 24 * 3_600_000;

/**
 * Why this buyer may not be written to for this purpose; undefined when they may. `isKnown`: they are a customer, or
 * have arranged what it is about.
 */
export function consentAgainst(
  state: Consents & Pick<ConversationState, 'lastInboundAt'>,
  purpose: Purpose,
  isKnown: boolean,
): ConsentRefusal | undefined {
  if (state.optedOutAt) return 'opted_out';
  if (purpose === 'promotion') {
    if (state.promotionsOffAt) return 'no_offers';
    return state.consent?.promotion ? undefined : 'no_promotion_consent';
  }
  const hasAgreed = state.consent?.service !== undefined || state.lastInboundAt !== undefined;
  return isKnown || hasAgreed ? undefined : 'no_consent';
}

/**
 * Whether something that the bot says on its own account, owed at `owedAt`, comes unasked to a buyer who wants no
 * messages: they have not written since they said so, or not for a day.
 */
export function isUnasked(
  { optedOutAt, lastInboundAt }: Pick<ConversationState, 'optedOutAt' | 'lastInboundAt'>,
  owedAt: Date,
): boolean {
  if (!optedOutAt || owedAt <= optedOutAt) return false;
  if (!lastInboundAt || lastInboundAt <= optedOutAt) return true;
  return owedAt.getTime() - lastInboundAt.getTime() > ANSWERS_WITHIN_MS;
}

/** The buyer has agreed: what stood against it is lifted. What they have agreed to before keeps its source and time. */
export function withOptIn<State extends Consents>(
  state: State,
  { kinds, source, at, by }: OptInGiven,
): State {
  const allowed = kinds.filter((kind) => kind === 'service' || !SERVICE_ONLY.has(source));
  const { optedOutAt: _out, promotionsOffAt, ...rest } = state;
  const given = Object.fromEntries(
    allowed.map((kind) => [kind, rest.consent?.[kind] ?? { at, source, ...(by && { by }) }]),
  );
  const keepsOff = promotionsOffAt && !allowed.includes('promotion');
  return {
    ...rest,
    consent: { ...rest.consent, ...given },
    ...(keepsOff && { promotionsOffAt }),
  } as State;
}

/** The buyer wants no messages at all: nothing they agreed to before counts any more. The first time stays. */
export function withOptOut<State extends Consents>(state: State, now: Date): State {
  const { consent: _withdrawn, ...rest } = state;
  return { ...rest, optedOutAt: state.optedOutAt ?? now } as State;
}

/** The buyer wants no offers; what concerns them is still said. */
export function withoutPromotions<State extends Consents>(state: State, now: Date): State {
  const { promotion: _withdrawn, ...consent } = state.consent ?? {};
  return { ...state, consent, promotionsOffAt: state.promotionsOffAt ?? now };
}

/** The buyer wrote of their own accord: the first time is remembered, while nothing better is known. */
export function withInbound<State extends Consents>(
  state: State,
  { at, fromAdvertisement }: Pick<HeardMessage, 'at' | 'fromAdvertisement'>,
): State {
  if (state.optedOutAt || state.consent?.service) return state;
  const source = fromAdvertisement ? 'click_to_chat' : 'inbound_message';
  return { ...state, consent: { ...state.consent, service: { at, source } } };
}

/** One person under two handles: what either has refused is refused, what either has agreed to counts beside that. */
export function consentOfBoth(one: Consents, other: Consents): Consents {
  const optedOutAt = earliest(one.optedOutAt, other.optedOutAt);
  const promotionsOffAt = earliest(one.promotionsOffAt, other.promotionsOffAt);
  const service = firstOf(one.consent?.service, other.consent?.service);
  const promotion = promotionsOffAt ? undefined : firstOf(one.consent?.promotion, other.consent?.promotion);
  const consent: Consent = { ...(service && { service }), ...(promotion && { promotion }) };
  return {
    ...(!optedOutAt && (service || promotion) && { consent }),
    ...(optedOutAt && { optedOutAt }),
    ...(promotionsOffAt && { promotionsOffAt }),
  };
}

function firstOf<Given extends { at: Date }>(one: Given | undefined, other: Given | undefined) {
  return one && other ? (other.at < one.at ? other : one) : (one ?? other);
}

function earliest(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other ? (one < other ? one : other) : (one ?? other);
}
