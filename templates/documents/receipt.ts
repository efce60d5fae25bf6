import { z } from 'zod';
import { amountInWords } from '../words.ts';
import {
  buyersSchema,
  daySchema,
  issuerSchema,
  lineSchema,
  paiseSchema,
  unitSchema,
} from './papers/facts.ts';
import { drawBox, drawFacts, drawPaper, drawSums, drawText, type Paper } from './papers/paper.ts';
import { dayInWords, milestoneInWords, type PaperLanguage, sum } from './papers/phrases.ts';
import { RECEIPT_COPY, RECEIPT_MODES } from './papers/receiptCopy.ts';

/** What a receipt is made from. Days are YYYY-MM-DD, sums whole paise; parts and advance make the amount. */
export const receiptSchema = z
  .object({
    issuer: issuerSchema,
    buyers: buyersSchema,
    unit: unitSchema,
    /** Of the series: `greenfield-heights/2026-27/000042`. */
    number: lineSchema,
    date: daySchema,
    /** Who paid; the lender, for a disbursement. */
    payer: lineSchema,
    mode: z.enum(RECEIPT_MODES),
    /** UTR, number of the cheque or of the certificate. */
    reference: lineSchema,
    realisedOn: daySchema,
    amountPaise: paiseSchema.positive(),
    parts: z.array(z.object({ demand: lineSchema, milestone: lineSchema, amountPaise: paiseSchema })).max(24),
    advancePaise: paiseSchema.default(0),
  })
  .refine((receipt) => allocatedOf(receipt) === receipt.amountPaise, {
    message: 'is not what the parts and the advance make',
    path: ['amountPaise'],
  })
  .refine(({ date, realisedOn }) => realisedOn <= date, {
    message: 'is after the receipt',
    path: ['realisedOn'],
  });
export type Receipt = z.infer<typeof receiptSchema>;

/**
 * A receipt as a PDF: number of its series, date, payer, mode, reference, realised date, amount in figures and words,
 * and what it was credited to. Throws ZodError for data that is missing, or does not add up.
 */
export async function renderReceipt(
  data: z.input<typeof receiptSchema>,
  language: PaperLanguage,
): Promise<Buffer> {
  const receipt = receiptSchema.parse(data);
  const about = { title: RECEIPT_COPY[language].title, language, issuedOn: receipt.date };
  return drawPaper(receipt, about, (paper) => {
    drawPayment(paper, receipt);
    drawAllocation(paper, receipt);
  });
}

function drawPayment(paper: Paper, receipt: Receipt): void {
  const { language } = paper;
  const copy = RECEIPT_COPY[language];
  const { number, date, realisedOn, mode, reference, payer, amountPaise } = receipt;
  drawFacts(paper, [
    { label: copy.number, text: number, strong: true },
    { label: copy.date, text: dayInWords(date, language) },
    { label: copy.realised, text: dayInWords(realisedOn, language) },
  ]);
  drawFacts(paper, [
    { label: copy.mode, text: copy.modes[mode] },
    { label: copy.reference, text: reference },
  ]);
  const said = mode === 'tds_certificate' ? copy.credited : copy.received;
  drawText(paper, said(payer, sum(amountPaise)));
  drawText(paper, amountInWords(amountPaise, language), 'strong');
}

function drawAllocation(paper: Paper, receipt: Receipt): void {
  const { language } = paper;
  const copy = RECEIPT_COPY[language];
  const { parts, advancePaise, amountPaise, mode } = receipt;
  paper.y += 8;
  drawText(paper, copy.allocation, 'strong');
  const rows = parts.map(({ demand, milestone, amountPaise: partPaise }) => ({
    label: copy.part({ demand, milestone: milestoneInWords(milestone, language) }),
    sum: sum(partPaise),
  }));
  if (advancePaise > 0) rows.push({ label: copy.advance, sum: sum(advancePaise) });
  drawSums(paper, rows, { label: copy.amount, sum: sum(amountPaise) });
  const isCredit = mode === 'tds_certificate';
  drawBox(paper, copy.tds, [isCredit ? copy.certificateText : copy.tdsText]);
  drawText(paper, isCredit ? copy.certified : copy.confirmed, 'soft');
}

function allocatedOf(given: { parts: { amountPaise: number }[]; advancePaise: number }): number {
  return given.parts.reduce((total, part) => total + part.amountPaise, given.advancePaise);
}
