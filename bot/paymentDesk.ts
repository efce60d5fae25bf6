import { createHash } from 'node:crypto';
import type { Day } from '../flows/money/day.ts';
import type { Models } from '../models/models.ts';

/** What a buyer says they paid; `key` names this very statement. */
export type ClaimOrder = {
  buyer: string;
  booking: string;
  demand?: string;
  amountPaise: number;
  utr?: string;
  paidOn?: Day;
  key: string;
  source: 'chat' | 'portal';
};

/** Where payments are claimed. */
export class PaymentDesk {
  private readonly parts: { models: Pick<Models, 'bookings' | 'payments'> };

  constructor(parts: { models: Pick<Models, 'bookings' | 'payments'> }) {
    this.parts = parts;
  }

  /** A buyer says that they paid. Nothing is confirmed by it. */
  async claim(
    { buyer, booking: id, key, source: _source, ...claim }: ClaimOrder,
    now: Date,
  ): Promise<{ kind: 'claimed' | 'known' } | { kind: 'refused'; reason: 'utr_used' | 'no_booking' }> {
    const { bookings, payments } = this.parts.models;
    const booking = await bookings.byId(id);
    if (booking?.status !== 'open' || !booking.buyers.includes(buyer))
      return { kind: 'refused', reason: 'no_booking' };
    const _id = `claim:${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
    const result = await payments.claim({ ...claim, _id, booking: id, project: booking.project }, now);
    return result.kind === 'refused' ? { kind: 'refused', reason: 'utr_used' } : { kind: result.kind };
  }
}
