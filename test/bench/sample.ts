import type { Outcome } from '../../flows/types.ts';
import type { Conversation } from '../../models/conversation.ts';
import type { InboundRecord } from '../../models/inbound.ts';
import type { Models } from '../../models/models.ts';
import type { Send } from '../../models/send.ts';
import type { TimelineEntry } from '../../models/timeline.ts';

/** The documents of one answered message, as the product wrote them. */
export type Sample = {
  inbound: InboundRecord;
  outcome: Outcome;
  /** The conversation between decision and answer, with everything owed, and after it. */
  owing: Conversation;
  settled: Conversation;
  send: Send;
  accepted: Pick<Send, 'status' | 'rank'>;
  timeline: TimelineEntry[];
};

/** Takes the latest answered message of the product's database. */
export async function takeSample(models: Models): Promise<Sample> {
  const { inbound, conversations, sends, timeline } = models;
  const sent = found(await sends.model.findOne({ status: 'accepted' }).sort({ startedAt: -1 }).lean<Send>());
  const { providerId: _theirs, ...send } = sent;
  const message = found(
    await inbound.model
      .findOne({ conversation: send.conversation })
      .sort({ receivedAt: -1 })
      .lean<InboundRecord>(),
  );
  const { outcome: concluded, ...pending } = message;
  const outcome = found(concluded);
  const settled = found(await conversations.fresh(send.conversation));
  const entries = await timeline.latest(settled.buyer, 100);
  const said = found(entries.find((entry) => entry._id === message._id));
  const answered = found(entries.find((entry) => entry._id === send._id));
  return {
    inbound: { ...pending, pendingSince: message.receivedAt },
    outcome,
    owing: {
      ...settled,
      outbox: [{ id: send._id, effect: ANSWER, owedAt: send.startedAt }],
      outcomes: [{ message: message._id, outcome }],
      timeline: [said],
      dueAt: send.startedAt,
    },
    settled,
    send: { ...send, status: 'sending', rank: 1 },
    accepted: { status: send.status, rank: send.rank },
    timeline: [said, answered],
  };
}

/** As the flow owes it. */
const ANSWER: Conversation['outbox'][number]['effect'] = {
  kind: 'sendTemplate',
  template: 'location',
  data: {
    project: 'Greenfield Heights',
    address: 'Plot 7, Sector 150',
    mapUrl: 'https://maps.google.com/?q=Noida',
  },
  category: 'reply',
};

function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the sample message left incomplete records');
  return value;
}
