import { z } from 'zod';

/** Limits keep every paper on its pages: what is longer is refused rather than cut off. */
const line = (most: number) => z.string().trim().min(1).max(most);

/** A calendar day, YYYY-MM-DD. */
export const daySchema = z.iso.date();

/** A sum that is not negative, in whole paise. */
export const paiseSchema = z.number().int().nonnegative();

/** Whose paper it is: the project as registered, and the developer. */
export const issuerSchema = z.object({
  developer: line(120),
  project: line(120),
  address: line(240),
  reraNumber: line(240),
  reraWebsite: line(120),
});

/** Whom it is for: first applicant first. */
export const buyersSchema = z.object({
  names: z.array(line(90)).min(1).max(6),
  address: line(240).optional(),
});

/** The home that was booked. */
export const unitSchema = z.object({
  number: line(24),
  tower: line(40).optional(),
  type: line(40),
  carpetAreaSqFt: z.number().positive(),
});

/** A short line of text, such as a name or a number. */
export const lineSchema = line(120);

/** What every paper has. */
export type PaperFacts = {
  issuer: z.infer<typeof issuerSchema>;
  buyers: z.infer<typeof buyersSchema>;
  unit: z.infer<typeof unitSchema>;
};
