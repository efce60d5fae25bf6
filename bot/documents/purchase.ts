import type { Purchase, UnitUse } from '../../flows/kyc/checklist.ts';
import type { Booking } from '../../models/booking.ts';

/** What a booking says of which papers its purchase needs. */
export function purchaseOf({ buyerKind, buyers, loan, ...unit }: PurchaseBooking): Purchase {
  return { buyerKind, applicants: buyers, loan, unitUse: useOf(unit) };
}

type PurchaseBooking = Pick<Booking, 'buyerKind' | 'buyers' | 'loan' | 'unitType' | 'gst'>;

/** Shops and offices are known by their tax, land by what it is called on the price list. */
function useOf({ unitType, gst }: Pick<Booking, 'unitType' | 'gst'>): UnitUse {
  if (gst.category === 'commercial' || gst.category === 'commercial_rrep') return 'commercial';
  if (/farm|plantation|agricultur/i.test(unitType)) return 'farmland';
  return /plot/i.test(unitType) ? 'plot' : 'residential';
}
