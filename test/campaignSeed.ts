import { blankConversation } from '../bot/turn.ts';
import type { Campaign } from '../models/campaign.ts';
import type { Models } from '../models/models.ts';
import type { Visit } from '../models/visit.ts';

/** Many buyers at once, written straight into the database: a crowd that a test or a bench reminds. */

const HOUR_MS = 3_600_000;
const STAFF = { id: 'U-STAFF', name: 'Riya' };

export type Crowd = {
  line: string;
  now: Date;
  /** The serial number of the first one. */
  from?: number;
  /** How far ahead their visits are; a day unless it is said otherwise. */
  visitInHours?: number;
};

/** So many buyers of a line who have never written, each with a visit ahead. */
export async function seedVisitors(
  { buyers, conversations, visits }: Models,
  count: number,
  { line, now, from = 0, visitInHours = 24 }: Crowd,
): Promise<Visit[]> {
  const people = Array.from({ length: count }, (_, index) => index + from).map((serial) => ({
    _id: `buyer-${serial}`,
    name: `Asha${serial} Verma`,
    handles: [`pn:+9199999${String(serial + 1).padStart(5, '0')}`],
    createdAt: now,
  }));
  const booked = people.map(
    ({ _id }, index): Visit => ({
      _id: `visit-${index + from}`,
      project: 'greenfield-heights',
      buyer: _id,
      conversation: `${line}/${_id}`,
      at: new Date(now.getTime() + visitInHours * HOUR_MS + index),
      status: 'booked',
      bookedAt: now,
    }),
  );
  await buyers.model.collection.insertMany(people as never[]);
  await conversations.model.collection.insertMany(
    people.map(({ _id, handles: [replyTo = ''] }) => ({
      ...blankConversation(`${line}/${_id}`, { channel: line, buyer: _id, replyTo }, now),
      v: 1,
    })) as never[],
  );
  await visits.model.collection.insertMany(booked as never[]);
  return booked;
}

/** A campaign that reminds all of them, confirmed and due at once; returns its name. */
export async function seedCampaign(models: Models, visits: Visit[], now: Date): Promise<string> {
  const campaign: Campaign = {
    _id: await models.campaigns.nextId(),
    command: { kind: 'remind', audience: { kind: 'visits', day: 'tomorrow' }, filters: {} },
    team: 'sales',
    template: 'visit_reminder',
    purpose: 'service',
    status: 'confirmed',
    createdBy: STAFF,
    createdAt: now,
    expiresAt: new Date(now.getTime() + HOUR_MS),
    audienceFrozenAt: now,
    approvalsNeeded: 1,
    approvals: [{ ...STAFF, at: now }],
    dueAt: now,
  };
  await models.recipients.freeze(
    visits.map(({ _id: about, conversation, buyer, at }) => ({
      _id: `${campaign._id}:${about}`,
      campaign: campaign._id,
      conversation,
      buyer,
      name: '',
      about,
      data: {
        project: 'Greenfield Heights',
        at,
        mapUrl: 'https://maps.google.com/?q=Noida',
        associate: 'Riya',
      },
      expiresAt: at,
      status: 'waiting' as const,
      changedAt: now,
    })),
  );
  await models.campaigns.begin(campaign);
  return campaign._id;
}

/** A zone in which it is about noon, so that quiet hours decide over no test. */
export function zoneAtNoon(now: Date): string {
  const ahead = 12 - now.getUTCHours();
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
