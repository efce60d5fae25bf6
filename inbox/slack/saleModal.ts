import { type Block, clipped, escaped, type Modal, markdown, type Option, plain } from './blocks.ts';
import type { Choosable, ClaimChoice } from './sales.ts';

/** The forms about units and their money. Every input has its name as block id, and `value` as action id. */

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
      chosen('plan', 'Payment plan', plans.map(optionOf), 0),
      typed('price', 'Price per square foot in rupees'),
      typed('discount', 'Discount per square foot in rupees', true),
      chosen('parking', 'Covered parking', [option('no', 'Without'), option('yes', 'With')], 0),
      chosen('buyerKind', 'Who buys', optionsOf(KINDS), 0),
      chosen('loan', 'Loan', optionsOf(LOANS), 0),
      typed('coBuyers', 'Co-buyers: their phone numbers, with +91', true),
    ],
  };
}

/** The inputs that confirm money of a buyer who has booked: what the bank's record shows, not what was told. */
export function receivedInputs(claims: ClaimChoice[]): Block[] {
  return [
    chosen(
      'claim',
      'Which payment',
      claims.map((each) => option(claimValue(each), each.text)),
      0,
    ),
    typed('amount', 'Amount in rupees, as the bank shows it'),
    chosen('mode', 'How it came', optionsOf(MODES), 0),
    {
      type: 'input',
      block_id: 'received',
      label: plain('Day on which it came'),
      element: { type: 'datepicker', action_id: 'value' },
    },
    typed('reference', 'Bank reference, where the buyer gave none', true),
  ];
}

/** Which of several payments does not show. */
export function missingInputs(claims: ClaimChoice[]): Block[] {
  return [
    chosen(
      'claim',
      'Which payment does not show yet',
      claims
        .filter(({ payment }) => payment !== undefined)
        .map((each) => option(claimValue(each), each.text)),
      0,
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

function typed(name: string, label: string, optional = false): Block {
  return {
    type: 'input',
    block_id: name,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: 'value', max_length: 200 },
    optional,
  };
}

function chosen(name: string, label: string, options: Option[], initial?: number): Block {
  const first = initial === undefined ? undefined : options[initial];
  return {
    type: 'input',
    block_id: name,
    label: plain(label),
    element: {
      type: 'static_select',
      action_id: 'value',
      options,
      ...(first && { initial_option: first }),
    },
  };
}

function optionsOf(words: Record<string, string>): Option[] {
  return Object.entries(words).map(([value, text]) => option(value, text));
}

function optionOf({ value, text }: Choosable): Option {
  return option(value, text);
}

function option(value: string, text: string): Option {
  return { value, text: plain(text.slice(0, 75)) };
}
