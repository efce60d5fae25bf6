import { z } from 'zod';

/** What a project's brochure, messages and visits are made from. Stored in the `projects` collection. */
export const projectSchema = z.object({
  /** Short name used in commands and links, such as `greenfield-heights`. */
  slug: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  developer: z.string().min(1),
  tagline: z.string().min(1),
  /** Printed on every brochure and advertisement (RERA Act 2016, s. 11(2)). */
  reraNumber: z.string().min(1),
  reraWebsite: z.string().min(1),
  city: z.string().min(1),
  locality: z.string().min(1),
  address: z.string().min(1),
  mapUrl: z.url(),
  /** As declared to the authority; the product never states any other date. */
  possession: z.string().min(1),
  configurations: z
    .array(
      z.object({
        name: z.string().regex(/^[1-9]BHK$/),
        carpetAreaSqFt: z.number().int().positive(),
        priceFromPaise: z.number().int().positive(),
        priceToPaise: z.number().int().positive(),
      }),
    )
    .min(1)
    .max(6),
  amenities: z.array(z.string().min(1)).min(1).max(24),
  /** What is near, for the drawn map: bearing from the project clockwise from north, and distance. */
  landmarks: z
    .array(z.object({ name: z.string().min(1), distanceKm: z.number().positive(), bearingDeg: z.number() }))
    .max(12),
  /** Whom the brochure names, and who leads every visit where no `associates` are listed. */
  associate: z.object({ name: z.string().min(1) }),
  /** Who leads visits, one at a time each; `staff` is their id in Slack. Without `days` and `hours`: whenever it is open. */
  associates: z
    .array(
      z.object({
        name: z.string().min(1),
        staff: z.string().min(1).optional(),
        /** ISO weekdays on which they are there: 1 is Monday. */
        days: z.array(z.number().int().min(1).max(7)).min(1).optional(),
        hours: z
          .object({ fromHour: z.number().int().min(0).max(23), toHour: z.number().int().min(1).max(24) })
          .optional(),
      }),
    )
    .min(1)
    .optional(),
  visits: z.object({
    /** Local opening hours on visiting days, in whole hours of the project's zone. */
    fromHour: z.number().int().min(0).max(23),
    toHour: z.number().int().min(1).max(24),
    slotMinutes: z.number().int().min(15).max(240),
    /** Visits that fit in one slot; with `associates` also no more than of them are there. */
    capacity: z.number().int().positive(),
    /** ISO weekdays without visits: 1 is Monday. */
    closedWeekdays: z.array(z.number().int().min(1).max(7)),
    /** Days without visits, as YYYY-MM-DD. */
    holidays: z.array(z.iso.date()).optional(),
  }),
  /** What units are sold by, and where money for them goes; without it nothing can be booked. */
  money: z
    .object({
      /** Whose rates and rules hold: the state's two letters. */
      state: z.enum(['MH', 'UP', 'HR', 'KA', 'DL', 'TN', 'TG', 'GJ']),
      gstCategory: z.enum(['affordable', 'other', 'commercial', 'commercial_rrep']),
      soldAfterCompletion: z.boolean().default(false),
      /** Days to pay, and the clause that asks for it, as the agreement for sale has them. */
      demandDueDays: z.number().int().min(1).max(60),
      demandClause: z.string().trim().min(1).max(60),
      /** What is paid besides the basic price, per unit. */
      clubPaise: z.number().int().nonnegative().default(0),
      coveredParkingPaise: z.number().int().nonnegative().default(0),
      ifmsPaisePerSqFt: z.number().int().nonnegative().default(0),
      /** The collection account, as declared to the authority and printed in the agreement. */
      account: z.object({
        beneficiary: z.string().trim().min(1).max(80),
        bank: z.string().trim().min(1).max(80),
        /** A booking's own virtual account is this and the unit's letters and digits. */
        virtualPrefix: z.string().regex(/^[A-Z0-9]{4,16}$/),
        ifsc: z.string().regex(/^[A-Z]{4}0[A-Z0-9]{6}$/),
        vpa: z.string().regex(/^[a-z0-9.-]{2,64}@[a-z]{2,20}$/),
      }),
    })
    .optional(),
});
export type Project = z.infer<typeof projectSchema>;
export type ProjectMoney = NonNullable<Project['money']>;

/**
 * The virtual account of a unit: what is paid into it is known to be for that unit. `unit` is as on the door.
 * Example: `MERIDGH` and `B-1203` make `MERIDGHB1203`.
 */
export function virtualAccountOf({ account }: ProjectMoney, unit: string): string {
  return `${account.virtualPrefix}${unit.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;
}
