import { PHONE } from '../flows/draft.ts';
import { dueAt } from '../flows/hours.ts';
import type { Effect, StaffRef, Team } from '../flows/types.ts';
import { type Case, leftFrom } from '../models/case.ts';
import type { Conversation, Owed } from '../models/conversation.ts';
import type { Models } from '../models/models.ts';
import type { Assigner } from './assigning.ts';
import type { TeamBook } from './teams.ts';

/** What decisions owe to the record of a case. */

/** An effect that changes a case that exists. */
export type CaseEffect = Extract<
  Effect,
  {
    kind:
      | 'postToCase'
      | 'claimCase'
      | 'assignCase'
      | 'handOffCase'
      | 'snoozeCase'
      | 'wakeCase'
      | 'resolveCase'
      | 'reopenCase'
      | 'refreshCase'
      | 'detailCase';
  }
>;

export type CaseEffectParts = {
  models: Pick<Models, 'cases' | 'leads'>;
  teams: TeamBook;
  assigner: Assigner;
};

/** Writes one effect down on its case; repeating it does no harm. */
export async function changeCase(
  parts: CaseEffectParts,
  conversation: Conversation,
  effect: CaseEffect,
  { id, owedAt: at }: Owed,
): Promise<void> {
  const { caseId } = effect;
  const { cases } = parts.models;
  switch (effect.kind) {
    case 'postToCase': {
      const { kind: _kind, caseId: _caseId, callsOwner, ...post } = effect;
      const owner = callsOwner ? (await cases.byId(caseId))?.owner : undefined;
      return cases.owePost(caseId, { id, ...(owner && { mention: owner.id }), ...post, at });
    }
    case 'claimCase':
      return claim(parts, conversation, caseId, effect.staff, at);
    case 'assignCase':
      return cases.assign(caseId, effect.to, at);
    case 'handOffCase':
      return handOff(parts, conversation, effect, at);
    case 'snoozeCase':
      return cases.snooze(caseId, effect.until, at);
    case 'wakeCase':
      return cases.wake(caseId, at);
    case 'resolveCase':
      return cases.resolve(caseId, effect.staff, at, effect);
    case 'reopenCase':
      return reopen(parts, effect, at);
    case 'refreshCase':
      return cases.refresh([caseId], at);
    case 'detailCase':
      return cases.learn(caseId, effect.details, at);
  }
}

/** Who answers a buyer in a case of sales is the one who looks after them from now on. */
async function claim(
  { models }: CaseEffectParts,
  { buyer }: Conversation,
  caseId: string,
  staff: StaffRef,
  at: Date,
): Promise<void> {
  const { cases, leads } = models;
  await cases.respond(caseId, staff, at);
  const found = await cases.byId(caseId);
  if (found?.team === 'sales' && staff.id !== PHONE.id) await leads.nameManager(buyer, staff, at);
}

/** The other team answers by its own hours; the case falls to one of its members as a new one would. */
async function handOff(
  parts: CaseEffectParts,
  conversation: Conversation,
  effect: Extract<Effect, { kind: 'handOffCase' }>,
  at: Date,
): Promise<void> {
  const { cases } = parts.models;
  const found = await cases.byId(effect.caseId);
  // Nobody's turn is used up by a repetition.
  if (!found || leftFrom(found, effect.from)) return;
  const due = await dueBy(parts, effect.team, effect.respondWithinMinutes, found.roundTheClock, at);
  const owner = await parts.assigner.nextOwnerOf(effect.team, conversation, at);
  await cases.handOff(found._id, effect, { dueAt: due, ...(owner && { owner }) }, at);
}

async function reopen(
  parts: CaseEffectParts,
  { caseId, respondWithinMinutes, words, roundTheClock }: Extract<Effect, { kind: 'reopenCase' }>,
  at: Date,
): Promise<void> {
  const { cases } = parts.models;
  const found = await cases.byId(caseId);
  if (!found) return;
  const isUrgent = roundTheClock ?? found.roundTheClock;
  const due = await dueBy(parts, found.team, respondWithinMinutes, isUrgent, at);
  const again = {
    dueAt: due,
    ...(words !== undefined && { words }),
    ...(roundTheClock && { roundTheClock }),
  };
  await cases.reopen(caseId, again, at);
}

/** When a person has to have answered: by the team's hours, unless the matter cannot wait for them. */
async function dueBy(
  { teams }: CaseEffectParts,
  team: Team,
  withinMinutes: number,
  isUrgent: Case['roundTheClock'],
  at: Date,
): Promise<Date> {
  const { hours } = await teams.team(team, at);
  return dueAt(at, withinMinutes, isUrgent ? undefined : hours);
}
