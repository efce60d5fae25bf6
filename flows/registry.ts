import { booking } from './booking.ts';
import { care } from './care.ts';
import { collections } from './collections.ts';
import type { Flow } from './engine.ts';
import { enquiry } from './enquiry.ts';
import { kyc } from './kyc.ts';
import { visit } from './visit.ts';

/** Every flow there is, by name. */
export const FLOWS = { enquiry, visit, booking, kyc, collections, care } as const satisfies Record<
  string,
  Flow
>;
export type FlowName = keyof typeof FLOWS;

/** The flow a saved run belongs to, or undefined when this build does not know it. */
export function flowNamed(name: string): Flow | undefined {
  return Object.hasOwn(FLOWS, name) ? FLOWS[name as FlowName] : undefined;
}
