import { z } from 'zod';
import type { Copy } from './copy.ts';
import { KYC_COPY, RETAKE_LIMITS } from './kycCopy.ts';

/**
 * A list of papers as template data holds it: JSON, in copy keys, so that it is read in the buyer's language.
 * `reason` is how to send one again, `applicant` whose it is by name.
 * Example: `[{"label":"kyc_paper_pan","applicant":"Ravi"},{"label":"kyc_paper_photo","reason":"kyc_retake_blurred"}]`
 */
export const papersSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .array(
        z.object({
          label: z.string().refine(isLabel),
          reason: z.string().refine(isReason).optional(),
          applicant: z.string().optional(),
        }),
      )
      .min(1),
  );
type Papers = z.infer<typeof papersSchema>;
type Paper = Papers[number];
type Reader = 'en' | 'hi' | 'hinglish';

/** A message of WhatsApp takes 1,024 characters: of a very long list the reasons are left to the page. */
const MOST_CHARACTERS = 700;

/** On one line, as parameters of templates must be. Example: `• PAN card, Ravi: needed for … • Photograph: …` */
export function writePapers(papers: Papers, language: Reader): string {
  const lines = [...byLabel(papers).values()];
  const whole = lines.map((each) => `• ${lineOf(each, language)}`).join(' ');
  if (whole.length <= MOST_CHARACTERS) return whole;
  return lines.map((each) => `• ${each.reason ? lineOf(each, language) : nameOf(each, language)}`).join(' ');
}

/** Papers that several people have still to send are one line; each that was rejected is one of its own. */
function byLabel(papers: Papers): Map<string, Paper> {
  const lines = new Map<string, Paper>();
  for (const paper of papers) {
    const { label, reason = '', applicant } = paper;
    const key = reason ? `${label} ${reason} ${applicant}` : label;
    const before = lines.get(key);
    const people = [before?.applicant, applicant].filter(Boolean).join(', ');
    lines.set(key, before ? { ...before, ...(people && { applicant: people }) } : paper);
  }
  return lines;
}

function lineOf(paper: Paper, language: Reader): string {
  const name = nameOf(paper, language);
  if (paper.reason) {
    const how = filled(said(paper.reason, language), RETAKE_LIMITS[paper.reason] ?? {});
    return filled(KYC_COPY.kyc_missing_rejected[language], { paper: name, how });
  }
  const why = paper.label.replace('kyc_paper_', 'kyc_why_');
  return isKey(why) ? `${name}: ${said(why, language)}` : name;
}

function nameOf({ label, applicant }: Paper, language: Reader): string {
  return [said(label, language), applicant].filter(Boolean).join(', ');
}

function said(key: string, language: Reader): string {
  return isKey(key) ? (KYC_COPY[key] as Copy)[language] : key;
}

function filled(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function isLabel(key: string): boolean {
  return key.startsWith('kyc_paper_') && isKey(key);
}

function isReason(key: string): boolean {
  return key.startsWith('kyc_retake_') && isKey(key);
}

function isKey(key: string): key is keyof typeof KYC_COPY {
  return Object.hasOwn(KYC_COPY, key);
}
