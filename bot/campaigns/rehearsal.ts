import { newConversation } from '../../flows/decide.ts';
import { LANGUAGES } from '../../flows/types.ts';
import type { Buyer } from '../../models/buyer.ts';
import type { Campaign, Rehearsal } from '../../models/campaign.ts';
import type { Conversation } from '../../models/conversation.ts';
import type { Models } from '../../models/models.ts';
import type { Recipient, Spared } from '../../models/recipient.ts';
import type { ReminderSent } from '../../models/send.ts';
import { COPY, renderMessage } from '../../templates/messages/message.ts';
import type { Channel } from '../channels/channel.ts';
import type { Config } from '../config.ts';
import type { Line } from '../route.ts';
import { isWindowOpen } from '../route.ts';
import type { AudienceSource, Audiences, Candidate } from './audience.ts';
import { isRepetition, reasonAgainst, unreachable } from './checks.ts';
import { endOf, paceOf, riskOf } from './pace.ts';

export type RehearsalParts = {
  models: Models;
  audiences: Audiences;
  /** Our transports, the primary one first. */
  lines: () => Line[];
  kindOf: (channel: string) => Channel['kind'];
  /** Names the line that conversations belong to. */
  line: string;
  config: Pick<Config, 'limits' | 'whatsapp' | 'campaigns' | 'timeZone'>;
  now: () => Date;
};

/** A candidate with what is known of them. */
type Known = {
  candidate: Candidate;
  conversationId: string;
  conversation: Conversation | undefined;
  buyer: Buyer | undefined;
  sent: ReminderSent[];
};

const SAMPLES = 3;
const DAY_MS = 86_400_000;

/** Freezes the audience of a campaign: everybody is written down, with the reason of those who are left out. */
export class Rehearsals {
  private readonly parts: RehearsalParts;

  constructor(parts: RehearsalParts) {
    this.parts = parts;
  }

  /** Writes down every recipient, a batch at a time, and resolves with what there is to show. */
  async freeze(campaign: Campaign): Promise<Rehearsal> {
    const { now } = this.parts;
    const source = this.sourceOf(campaign);
    const { audience, filters } = campaign.command;
    const found = { cold: 0, samples: [] as Rehearsal['samples'] };
    for await (const candidates of source.candidates(audience, filters, now())) {
      const known = await this.lookUp(candidates, campaign);
      const recipients = known.map((each) => this.judge(each, campaign));
      await this.parts.models.recipients.freeze(recipients);
      const kept = known.filter((_each, index) => recipients[index]?.status === 'waiting');
      found.cold += kept.filter((each) => !isWindowOpen(stateOf(each), now())).length;
      for (const each of pickSamples(kept, found.samples)) found.samples.push(this.sample(each, campaign));
    }
    return this.summary(campaign, found);
  }

  private sourceOf({ command }: Campaign): AudienceSource {
    return this.parts.audiences[command.audience.kind] as AudienceSource;
  }

  /** Four questions a batch, whatever its size. */
  private async lookUp(candidates: Candidate[], { template, purpose }: Campaign): Promise<Known[]> {
    const { models, config, line, now } = this.parts;
    const ids = candidates.map(({ conversation, buyer }) => conversation ?? `${line}/${buyer}`);
    const since = new Date(now().getTime() - config.campaigns.remindedWithinDays * DAY_MS);
    const [conversations, buyers, reminders] = await Promise.all([
      models.conversations.several(ids),
      models.buyers.several(candidates.map(({ buyer }) => buyer)),
      models.sends.reminders(ids, { template, purpose }, since),
    ]);
    const sent = new Map<string, ReminderSent[]>();
    for (const each of reminders) sent.set(each.conversation, [...(sent.get(each.conversation) ?? []), each]);
    return candidates.map((candidate, index) => {
      const conversationId = ids[index] ?? '';
      return {
        candidate,
        conversationId,
        conversation: conversations.get(conversationId),
        buyer: buyers.get(candidate.buyer),
        sent: sent.get(conversationId) ?? [],
      };
    });
  }

  private judge(known: Known, campaign: Campaign): Omit<Recipient, 'rank'> {
    const { candidate, conversationId, buyer } = known;
    const { about, expiresAt } = candidate;
    const data = dataOf(known, campaign.template);
    const reason = this.reason(known, data, campaign);
    return {
      _id: `${campaign._id}:${about}`,
      campaign: campaign._id,
      conversation: conversationId,
      buyer: candidate.buyer,
      name: buyer?.name ?? '',
      about,
      data,
      ...(expiresAt && { expiresAt }),
      status: reason ? 'excluded' : 'waiting',
      ...(reason && { reason }),
      changedAt: this.parts.now(),
    };
  }

  private reason(known: Known, data: Recipient['data'], campaign: Campaign): Spared | undefined {
    const { now, lines } = this.parts;
    const { candidate, conversation, buyer, sent } = known;
    const state = stateOf(known);
    const wasReminded = isRepetition(sent, { about: candidate.about, data });
    const { purpose } = campaign;
    const { facts } = candidate;
    const { timeZone } = this.parts.config;
    const against = reasonAgainst({ state, facts, purpose, wasReminded, timeZone, now: now() });
    if (against) return against;
    const channel = conversation?.channel ?? this.parts.line;
    const handles = [...(conversation ? [conversation.replyTo] : []), ...(buyer?.handles ?? [])];
    const lost = unreachable({ channel, handles, state }, lines(), now());
    return lost ?? (this.render(known, campaign) === undefined ? 'incomplete' : undefined);
  }

  private render(known: Known, { template }: Campaign): string | undefined {
    try {
      const data = dataOf(known, template);
      return renderMessage(template, stateOf(known).language, data, this.parts.config.timeZone).text;
    } catch {
      // What is missing in it stands in the list of exclusions.
      return undefined;
    }
  }

  private sample(known: Known, campaign: Campaign): Rehearsal['samples'][number] {
    return {
      name: shortName(known.buyer?.name ?? ''),
      language: stateOf(known).language,
      text: this.render(known, campaign) ?? '',
    };
  }

  private async summary(
    { _id, purpose, startsAt }: Campaign,
    { cold, samples }: { cold: number; samples: Rehearsal['samples'] },
  ): Promise<Rehearsal> {
    const { models, config, line, kindOf, now } = this.parts;
    const tally = await models.recipients.tally(_id);
    const waiting = tally.find(({ status }) => status === 'waiting')?.count ?? 0;
    const excluded = tally.flatMap(({ status, reason, count }) =>
      status === 'excluded' ? [[reason ?? '', count] as const] : [],
    );
    const kind = kindOf(line);
    const pace = paceOf(kind, config);
    const start = startsAt && startsAt > now() ? startsAt : now();
    const { timeZone } = config;
    return {
      total: tally.reduce((sum, { count }) => sum + count, 0),
      waiting,
      excluded: Object.fromEntries(excluded),
      samples,
      cold,
      endsAt: endOf({ count: waiting, cold, purpose, startsAt: start, timeZone }, pace),
      ...riskOf(kind, { count: waiting, cold }, pace),
    };
  }
}

/** `Asha Verma` as `Asha V.`: enough to recognise somebody, too little to look them up. */
export function shortName(name: string): string {
  const [first = '', ...others] = name.trim().split(/\s+/);
  const last = [...(others.at(-1) ?? '')][0];
  return last ? `${first} ${last.toUpperCase()}.` : first || 'Unnamed';
}

/** Each language once if it can be, else whoever comes first. */
function pickSamples(kept: Known[], before: Rehearsal['samples']): Known[] {
  const spoken = new Set(before.map(({ language }) => language));
  const fresh = LANGUAGES.flatMap((language) => {
    const first = spoken.has(language) ? undefined : kept.find((each) => stateOf(each).language === language);
    return first ? [first] : [];
  });
  const others = kept.slice(0, SAMPLES).filter((each) => !fresh.includes(each));
  return [...fresh, ...others].slice(0, SAMPLES - before.length);
}

function stateOf({ conversation }: Known): Conversation['state'] {
  return conversation?.state ?? newConversation();
}

/** What the template asks for and no more, so that the same reminder is the same data whoever owes it. */
function dataOf({ candidate, buyer }: Known, template: string): Recipient['data'] {
  const given: Recipient['data'] = { name: buyer?.name ?? '', ...candidate.data };
  const asked = Object.keys(COPY[template]?.variables ?? {});
  return Object.fromEntries(
    asked.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}
