import { costSheet } from '../flows/money/costSheet.ts';
import { type Moment, momentOf } from '../flows/money/day.ts';
import { instalmentsOf, PAYMENT_PLANS } from '../flows/money/plan.ts';
import type { NewBooking } from '../models/booking.ts';
import type { Models } from '../models/models.ts';

/** The zone of the invented project. */
const ZONE = 'Asia/Kolkata';
export const PROJECT = 'greenfield-heights';
export const LAKH = 1_00_000_00;
export const COLLECTOR = { id: 'U7', name: 'Kiran' };

/** 10:00 of a day in the project's zone. */
export function morning(day: string): Moment {
  return momentOf(new Date(`${day}T10:00:00+05:30`), ZONE);
}

/** A unit on the grid of the invented project. */
export async function listUnit(models: Models, number = 'B-1203'): Promise<string> {
  const unit = { project: PROJECT, tower: 'B', floor: 12, number, unitType: '3BHK', carpetAreaSqFt: 1_000 };
  await models.units.list([unit]);
  return `${PROJECT}/${number}`;
}

/** What is needed to book: by default 1 crore in Maharashtra, linked to construction. */
export function wishFor(
  unit: string,
  more: Partial<NewBooking> & { rupeesPerSqFt?: number } = {},
): NewBooking {
  const { rupeesPerSqFt = 10_000, ...rest } = more;
  const sheet = costSheet({ carpetAreaSqFt: 1_000, basicPaisePerSqFt: rupeesPerSqFt * 100 });
  const [plan] = PAYMENT_PLANS;
  if (!plan) throw new Error('no plan');
  return {
    _id: 'b1',
    project: PROJECT,
    unit,
    buyers: ['asha'],
    buyerKind: 'resident',
    loan: 'none',
    unitType: '3BHK',
    agreementValuePaise: sheet.considerationPaise,
    costSheet: sheet,
    plan: { name: plan.name, kind: plan.kind, instalments: instalmentsOf(plan, sheet.considerationPaise) },
    gst: { category: 'other', soldAfterCompletion: false },
    interest: { state: 'MH', rateOf: 'dueDate' },
    ...rest,
  };
}

/** An open booking, its agreement registered unless told otherwise. */
export async function sell(
  models: Models,
  more: Parameters<typeof wishFor>[1] & { number?: string; unregistered?: true } = {},
): Promise<string> {
  const { number, unregistered, ...wish } = more;
  const unit = await listUnit(models, number);
  const opened = await models.bookings.open(wishFor(unit, wish), morning('2026-02-01'));
  if (opened.kind !== 'opened') throw new Error(`not opened: ${opened.reason}`);
  const { _id } = opened.booking;
  if (!unregistered) await models.bookings.registerAgreement(_id, '2026-02-20', COLLECTOR);
  return _id;
}
