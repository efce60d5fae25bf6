import { z } from 'zod';
import { amountInWords } from '../words.ts';
import { DEMAND_COPY } from './papers/demandCopy.ts';
import {
  buyersSchema,
  daySchema,
  issuerSchema,
  lineSchema,
  paiseSchema,
  unitSchema,
} from './papers/facts.ts';
import { drawBox, drawButton, drawFacts, drawPaper, drawSums, drawText, type Paper } from './papers/paper.ts';
import {
  dayInWords,
  milestoneInWords,
  type PaperLanguage,
  percent,
  sum,
  together,
} from './papers/phrases.ts';

/** The buyer's page is served over https; a machine that only serves itself, as in the sandbox, may do without. */
const payUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(1_000)
  .refine((url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(url), {
    message: 'is not https',
  });

/** What a demand letter is made from. Days are YYYY-MM-DD, sums whole paise. */
export const demandLetterSchema = z
  .object({
    issuer: issuerSchema,
    buyers: buyersSchema,
    unit: unitSchema,
    /** The demand's id, by which it is asked about. */
    number: lineSchema,
    date: daySchema,
    dueOn: daySchema,
    /** Where the agreement for sale speaks of it: `clause 1(c)`. */
    agreement: z.object({ clause: lineSchema, date: daySchema.optional() }),
    /** As the plan names it: `slab_2`, or the project's own words. */
    milestone: lineSchema,
    certificate: z.object({ by: lineSchema, date: daySchema }).optional(),
    /** Of earlier demands, interest not included. */
    previousDuePaise: paiseSchema,
    principalPaise: paiseSchema,
    gstPaise: paiseSchema,
    gstBps: z.number().int().nonnegative(),
    /** An advance that went to this demand. */
    receivedPaise: paiseSchema.default(0),
    /** Present when the buyer deducts tax from this instalment. */
    tds: z
      .object({ paise: paiseSchema, section: lineSchema, form: lineSchema, certificate: lineSchema })
      .optional(),
    /** Present when there is interest on earlier demands; never part of the total. */
    interest: z
      .object({ paise: paiseSchema, asOf: daySchema, rateBps: z.number().int().positive() })
      .optional(),
    /** The buyer's page: the way to pay. */
    payUrl: payUrlSchema,
    /** As published in the project's data (allotment letter and agreement); left out where it is not. */
    account: z
      .object({ beneficiary: lineSchema, bank: lineSchema, number: lineSchema, ifsc: lineSchema })
      .optional(),
  })
  .refine(({ receivedPaise, principalPaise, gstPaise }) => receivedPaise <= principalPaise + gstPaise, {
    message: 'more was received for the instalment than it is',
    path: ['receivedPaise'],
  })
  .refine(({ date, dueOn }) => dueOn >= date, { message: 'is before the letter', path: ['dueOn'] });
export type DemandLetter = z.infer<typeof demandLetterSchema>;

/**
 * A demand letter as a PDF: RERA number, unit, clause, milestone with its certificate, previous and current dues, GST,
 * TDS note, interest apart, the total in figures and words, and the buyer's own page as the way to pay (domain.md
 * section 1; no law prescribes a form). Throws ZodError for data that is missing or cannot be.
 */
export async function renderDemandLetter(
  data: z.input<typeof demandLetterSchema>,
  language: PaperLanguage,
): Promise<Buffer> {
  const letter = demandLetterSchema.parse(data);
  const about = { title: DEMAND_COPY[language].title, language, issuedOn: letter.date };
  return drawPaper(letter, about, (paper) => {
    drawReason(paper, letter);
    drawTotal(paper, letter);
    drawTaxAndInterest(paper, letter);
    drawWayToPay(paper, letter);
  });
}

function drawReason(paper: Paper, letter: DemandLetter): void {
  const { language } = paper;
  const copy = DEMAND_COPY[language];
  const { agreement, certificate } = letter;
  drawFacts(paper, [
    { label: copy.number, text: letter.number },
    { label: copy.date, text: dayInWords(letter.date, language) },
    { label: copy.dueDate, text: dayInWords(letter.dueOn, language), strong: true },
  ]);
  const milestone = milestoneInWords(letter.milestone, language);
  const agreementOn = agreement.date && dayInWords(agreement.date, language);
  const reason = copy.fallenDue({ milestone, clause: agreement.clause, agreementOn });
  const certified =
    certificate &&
    copy.certified({ by: together(certificate.by), on: dayInWords(certificate.date, language) });
  drawText(paper, certified ? `${reason} ${certified}` : reason);
}

function drawTotal(paper: Paper, letter: DemandLetter): void {
  const { language } = paper;
  const copy = DEMAND_COPY[language];
  const { previousDuePaise, principalPaise, gstPaise, gstBps, receivedPaise } = letter;
  const rows = [
    { label: copy.previous, sum: sum(previousDuePaise) },
    { label: copy.instalment(milestoneInWords(letter.milestone, language)), sum: sum(principalPaise) },
    { label: copy.gst(percent(gstBps)), sum: sum(gstPaise) },
    ...(receivedPaise > 0 ? [{ label: copy.received, sum: sum(-receivedPaise) }] : []),
  ];
  const total = totalOf(letter);
  drawSums(paper, rows, { label: copy.total(dayInWords(letter.dueOn, language)), sum: sum(total) });
  drawText(paper, amountInWords(total, language), 'strong');
}

function drawTaxAndInterest(paper: Paper, letter: DemandLetter): void {
  const { language } = paper;
  const copy = DEMAND_COPY[language];
  const { tds, interest } = letter;
  if (tds) {
    const net = sum(Math.max(0, totalOf(letter) - tds.paise));
    const { certificate } = tds;
    drawBox(paper, copy.tds, [
      copy.tdsText({ ...tds, sum: sum(tds.paise) }),
      copy.tdsNet({ net, certificate }),
    ]);
  }
  if (interest) {
    const asOf = dayInWords(interest.asOf, language);
    const text = copy.interestText({ sum: sum(interest.paise), asOf, rate: percent(interest.rateBps) });
    drawBox(paper, copy.interest, [text, copy.interestApart]);
  }
}

function drawWayToPay(paper: Paper, { payUrl, account }: DemandLetter): void {
  const copy = DEMAND_COPY[paper.language];
  drawText(paper, copy.pay, 'strong');
  drawText(paper, copy.payText);
  drawButton(paper, copy.payButton, payUrl);
  if (account)
    drawBox(paper, copy.account, [
      `${account.beneficiary} · ${account.bank}`,
      copy.accountNumber(account),
      copy.accountWarning,
    ]);
  else drawText(paper, copy.accountWarning);
  drawText(paper, copy.questions, 'soft');
}

function totalOf({ previousDuePaise, principalPaise, gstPaise, receivedPaise }: DemandLetter): number {
  return previousDuePaise + principalPaise + gstPaise - receivedPaise;
}
