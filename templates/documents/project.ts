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
});
export type Project = z.infer<typeof projectSchema>;
