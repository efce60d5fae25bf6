import type { Effect } from '../flows/types.ts';
import type { Cases } from '../models/case.ts';

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
      | 'refreshCase';
  }
>;

/** Writes one effect down on its case; repeating it does no harm. `id` names it, `at` is when it was owed. */
export async function changeCase(cases: Cases, effect: CaseEffect, id: string, at: Date): Promise<void> {
  const { caseId } = effect;
  switch (effect.kind) {
    case 'postToCase': {
      const { kind: _kind, caseId: _caseId, ...post } = effect;
      return cases.owePost(caseId, { id, ...post, at });
    }
    case 'claimCase':
      return cases.respond(caseId, effect.staff, at);
    case 'assignCase':
      return cases.assign(caseId, effect.to, at);
    case 'handOffCase':
      return cases.handOff(caseId, effect, minutesAfter(at, effect.respondWithinMinutes), at);
    case 'snoozeCase':
      return cases.snooze(caseId, effect.until, at);
    case 'wakeCase':
      return cases.wake(caseId, at);
    case 'resolveCase':
      return cases.resolve(caseId, effect.staff, at, effect);
    case 'reopenCase':
      return cases.reopen(caseId, minutesAfter(at, effect.respondWithinMinutes), effect.words, at);
    case 'refreshCase':
      return cases.refresh([caseId], at);
  }
}

function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + minutes * 60_000);
}
