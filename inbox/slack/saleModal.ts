import { type Block, clipped, escaped, type Modal, markdown, type Option, plain } from './blocks.ts';
import { chosen, option, typed } from './inputs.ts';
import type { Choosable, ClaimChoice } from './sales.ts';

/** The forms about units and their money. */

/** Callback id of the form. */
export const SALE_BOOK = 'sale_book';

/** What stands in the books when a person does not find a payment. */
export const NOT_SHOWN = 'it does not show in the bank record';

/** How money comes, as the books have it, in the words of the form. */
export const MODES = {
  neft: 'NEFT',
  rtgs: 'RTGS',
  imps: 'IMPS',
  upi: 'UPI',
  cheque: 'Cheque',
  demand_draft: 'Demand draft',
  loan_disbursement: 'Loan disbursement',
  tds_certificate: 'TDS certificate',
} as const;

const LINE_CHARACTERS = 200;

const KINDS = { resident: 'Resident', joint: 'Joint', nri: 'NRI or OCI', company: 'Company', huf: 'HUF' };
const LOANS = { none: 'No loan', applied: 'Loan applied for', sanctioned: 'Loan sanctioned' };

/** Books a unit for a buyer. */
export function bookModal(
  { buyer, name }: { buyer: string; name: string },
  { project, units, plans }: { project: string; units: Choosable[]; plans: Choosable[] },
): Modal {
  const whom = escaped(clipped(name || 'the buyer', 100));
  return {
    type: 'modal',
    callback_id: SALE_BOOK,
    private_metadata: JSON.stringify({ buyer }),
    title: plain('Book a unit'),
    submit: plain('Book'),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'section',
        text: markdown(`For *${whom}* at *${escaped(project)}*. They are told at once that it is recorded.`),
      },
      chosen('unit', 'Unit', units.map(optionOf)),
      firstChosen('plan', 'Payment plan', plans.map(optionOf)),
      line('price', 'Price per square foot in rupees'),
      line('discount', 'Discount per square foot in rupees', true),
      firstChosen('parking', 'Covered parking', [option('no', 'Without'), option('yes', 'With')]),
      firstChosen('buyerKind', 'Who buys', optionsOf(KINDS)),
      firstChosen('loan', 'Loan', optionsOf(LOANS)),
      line('coBuyers', 'Co-buyers: their phone numbers, with +91', true),
    ],
  };
}

/** The inputs that confirm money of a buyer who has booked: what the bank's record shows, not what was told. */
export function receivedInputs(claims: ClaimChoice[]): Block[] {
  return [
    firstChosen(
      'claim',
      'Which payment',
      claims.map((each) => option(claimValue(each), each.text)),
    ),
    line('amount', 'Amount in rupees, as the bank shows it'),
    firstChosen('mode', 'How it came', optionsOf(MODES)),
    {
      type: 'input',
      block_id: 'received',
      label: plain('Day on which it came'),
      element: { type: 'datepicker', action_id: 'value' },
    },
    line('reference', 'Bank reference, where the buyer gave none', true),
  ];
}

/** Which of several payments does not show. */
export function missingInputs(claims: ClaimChoice[]): Block[] {
  return [
    firstChosen(
      'claim',
      'Which payment does not show yet',
      claims
        .filter(({ payment }) => payment !== undefined)
        .map((each) => option(claimValue(each), each.text)),
    ),
  ];
}

/** The claim that a chosen option stands for. */
export function claimOf(value: string): Pick<ClaimChoice, 'booking' | 'payment'> {
  const [booking = '', payment] = value.split(' ');
  return { booking, ...(payment && { payment }) };
}

/** A word to a person in the place of a form. */
export function refusalModal(title: string, text: string): Modal {
  return {
    type: 'modal',
    title: plain(title),
    close: plain('Close'),
    blocks: [{ type: 'section', text: markdown(text) }],
  };
}

function claimValue({ booking, payment }: ClaimChoice): string {
  return payment === undefined ? booking : `${booking} ${payment}`;
}

function line(name: string, label: string, optional = false): Block {
  return typed(name, label, { optional, isLine: true, most: LINE_CHARACTERS });
}

function firstChosen(name: string, label: string, options: Option[]): Block {
  return chosen(name, label, options, options[0]?.value);
}

function optionsOf(words: Record<string, string>): Option[] {
  return Object.entries(words).map(([value, text]) => option(value, text));
}

function optionOf({ value, text }: Choosable): Option {
  return option(value, text);
}
