import type { Choice, Earlier } from '../flows/types.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { Send, Sends } from '../models/send.ts';
import type { Timeline } from '../models/timeline.ts';
import { renderMessage } from '../templates/messages/message.ts';
import type { Content } from './channels/channel.ts';
import { personOf } from './outgoing.ts';

/** What was said before that the messages of one turn are about. */
export type KnownEarlier = {
  /** The buyer's messages by record id, those of the turn among them, as they read after every edit. */
  theirs: Map<string, InboundRecord>;
  /** What was said to the buyer, by `reference`. */
  ours: Map<string, Earlier>;
  /** Edits, deletions, reactions and votes about the same messages, of this turn and settled ones, oldest first. */
  events: InboundRecord[];
  /** Keys of messages that this turn is about and that have not come in. */
  missing: string[];
};

export type EarlierParts = { inbound: Inbounds; sends: Sends; timeline: Timeline; timeZone: string };

/** Finds what messages are about, and writes down what the buyer edited or deleted. */
export class EarlierMessages {
  private readonly parts: EarlierParts;

  constructor(parts: EarlierParts) {
    this.parts = parts;
  }

  /**
   * Idempotent: a turn that is decided again finds the same. `decided` are messages whose outcome is known but
   * not yet written to them; `awaited` what earlier turns were about before it came in.
   */
  async of(
    turn: InboundRecord[],
    decided: ReadonlySet<string>,
    awaited: readonly string[],
  ): Promise<KnownEarlier> {
    const { inbound } = this.parts;
    const inTurn = new Set(turn.map(({ _id }) => _id));
    // Of most messages nothing has been said before they came in: those are not looked up.
    const keys = turn.flatMap((each) => targetOf(each) ?? (awaited.includes(keyOf(each)) ? keyOf(each) : []));
    const about = await inbound.about([...new Set(keys)]);
    const references = [...new Set(turn.flatMap(referencesOf))];
    const before = await inbound.byIds(references.filter((each) => !inTurn.has(each)));
    // What has just come in belongs to the next turn.
    const isKnown = ({ _id, outcome }: InboundRecord) =>
      inTurn.has(_id) || outcome !== undefined || decided.has(_id);
    const events = about.filter(isKnown);
    const theirs = new Map([...before.filter(isKnown), ...turn].map((each) => [each._id, each]));
    for (const event of events) await this.writeDown(event, theirs);
    const ours = await this.ours(turn, theirs);
    const missing = turn.flatMap((each) => {
      const target = targetOf(each);
      const at = reference(each, target ?? '');
      return target && !theirs.has(at) && !ours.has(at) ? [target] : [];
    });
    return { theirs, ours, events, missing };
  }

  private async writeDown(event: InboundRecord, theirs: KnownEarlier['theirs']): Promise<void> {
    const { inbound } = this.parts;
    const content = event.content as Content;
    const target = theirs.get(reference(event, targetOf(event) ?? ''));
    if (!target) return;
    if (content.kind === 'revoked') {
      await inbound.revoke(target._id, event.at);
      theirs.set(target._id, { ...target, revokedAt: target.revokedAt ?? event.at });
    }
    if (content.kind === 'edited' && !target.edits?.some(({ id }) => id === event._id)) {
      const edited = await inbound.edit(target._id, { id: event._id, at: event.at, text: content.text });
      if (edited) theirs.set(target._id, edited);
    }
  }

  /** Our sends by the provider's id, and what was typed on the paired phone by its place on the timeline. */
  private async ours(turn: InboundRecord[], theirs: KnownEarlier['theirs']): Promise<KnownEarlier['ours']> {
    const wanted = turn.flatMap((each) =>
      [each.quoted, targetOf(each)].flatMap((id) =>
        id && !theirs.has(reference(each, id)) ? [{ id, at: reference(each, id) }] : [],
      ),
    );
    if (wanted.length === 0) return new Map();
    const sends = await this.parts.sends.model
      .find({ providerId: { $in: wanted.map(({ id }) => id) } })
      .lean<Send[]>();
    const entries = await this.parts.timeline.byIds([
      ...sends.map(({ _id }) => _id),
      ...wanted.map(({ at }) => at),
    ]);
    const entryOf = new Map(entries.map((entry) => [entry._id, entry]));
    const found = wanted.flatMap(({ id, at }): [string, Earlier][] => {
      const send = sends.find(({ providerId }) => providerId === id);
      const entry = entryOf.get(send?._id ?? at);
      if (!send && !entry) return [];
      const by = send && !personOf(send.effect) ? 'bot' : 'staff';
      const saidAt = entry?.at ?? send?.startedAt ?? new Date(0);
      return [[at, { by, words: entry?.what ?? '', at: saidAt, choices: this.offeredBy(send) }]];
    });
    return new Map(found);
  }

  /** The quick replies of a send, also where they went out as numbered words. */
  private offeredBy(send: Send | undefined): Choice[] {
    if (send?.effect.kind !== 'sendTemplate') return [];
    const { language, effect } = send;
    const titleOf = (label: string, data = {}) =>
      renderMessage(label, language, data, this.parts.timeZone).text;
    return (effect.choices ?? []).map(({ id, label, data }) => ({ id, title: titleOf(label, data) }));
  }
}

/** How a message of the same channel is named: `<channel>:<key or provider id>`, which is a record's id. */
export function reference({ channel }: InboundRecord, key: string): string {
  return `${channel}:${key}`;
}

/** Key or provider id of the message that an event is about; undefined for what stands by itself. */
export function targetOf({ content }: InboundRecord): string | undefined {
  return typeof content.to === 'string' ? content.to : undefined;
}

/** The key under which the channel knows a message. */
export function keyOf({ _id, channel }: InboundRecord): string {
  return _id.slice(channel.length + 1);
}

function referencesOf(record: InboundRecord): string[] {
  return [record.quoted, targetOf(record)].flatMap((id) => (id ? [reference(record, id)] : []));
}
