import { LEAD_STAGES } from '../flows/types.ts';
import type { Lead } from './lead.ts';
import type { Models } from './models.ts';

/** Whose something is: every record of a buyer's life names both. */
export type Whose = { buyer: string; conversation: string };

/**
 * Gives everything of one conversation to another one: messages, sends, cases, visits, files and the timeline.
 * Repeating it does no harm.
 */
export async function moveBelongings(models: Models, from: Whose, to: Whose): Promise<void> {
  const { inbound, sends, cases, milestones, visits, satisfactions, media, timeline } = models;
  // Messages first: those that wait for an answer get it sooner.
  await inbound.model.updateMany(from, { $set: to });
  await sends.model.updateMany(from, { $set: to });
  await cases.model.updateMany(from, { $set: to });
  await visits.model.updateMany(from, { $set: to });
  await milestones.passTo(from, to);
  await satisfactions.model.updateMany({ buyer: from.buyer }, { $set: { buyer: to.buyer } });
  await media.model.updateMany(from, { $set: to });
  await timeline.model.updateMany(from, { $set: to });
}

/**
 * Makes the interests of one buyer those of another. Where both have one in the same project, the further stage
 * stands, and of two answers to one question the later. Repeating it does no harm.
 */
export async function moveLeads({ leads }: Models, from: string, to: string, now: Date): Promise<void> {
  for (const lead of await leads.ofBuyer(from)) {
    const { project, source, createdAt, lostReason: reason } = lead;
    const kept = await leads.model.findById(`${to}/${project}`).lean<Lead>();
    const answers = kept ? answersOfBoth(lead, kept) : lead.answers;
    const stage = furtherStage(lead, kept);
    await leads.advance({ buyer: to, project, source, stage, answers, ...(reason && { reason }) }, now);
    await leads.model.updateOne({ _id: `${to}/${project}` }, { $min: { createdAt } });
    if (lead.rm) await leads.nameManager(to, lead.rm, lead.rm.at);
    await leads.model.deleteOne({ _id: lead._id });
  }
}

/** Makes bookings, what was said of their payments, and held units of one buyer those of another. Repeating it does no harm. */
export async function moveBookings(
  { bookings, payments, units }: Models,
  from: string,
  to: string,
): Promise<void> {
  await bookings.passTo(from, to);
  await payments.passTo(
    from,
    to,
    (await bookings.of(to)).map(({ _id }) => _id),
  );
  await units.passTo(from, to);
}

function answersOfBoth(one: Lead, other: Lead): Lead['answers'] {
  return one.updatedAt > other.updatedAt
    ? { ...other.answers, ...one.answers }
    : { ...one.answers, ...other.answers };
}

/** Who goes on under one handle is not lost under the other. */
function furtherStage(lead: Lead, kept: Lead | null): Lead['stage'] {
  if (!kept || kept.stage === 'Lost') return lead.stage;
  if (lead.stage === 'Lost') return kept.stage;
  return LEAD_STAGES.indexOf(lead.stage) > LEAD_STAGES.indexOf(kept.stage) ? lead.stage : kept.stage;
}
