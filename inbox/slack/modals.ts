import { DateTime } from 'luxon';
import { CASE_OUTCOMES, TEAMS } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { type Block, type Modal, plain } from './blocks.ts';
import { chosen, option, typed } from './inputs.ts';
import { missingInputs, receivedInputs } from './saleModal.ts';
import type { ClaimChoice } from './sales.ts';
import { OUTCOME, teamName } from './words.ts';

/** The forms that people fill in about a case. Every input has its name as block id, and `value` as action id. */

/** Callback ids of the forms. */
export const FORMS = {
  resolve: 'case_form_resolve',
  snooze: 'case_form_snooze',
  assign: 'case_form_assign',
  handOff: 'case_form_hand_off',
  callNote: 'case_form_call_note',
  payment: 'case_form_payment',
  visitMoved: 'case_form_visit_moved',
  paymentMissing: 'case_form_payment_missing',
} as const;
export type FormName = keyof typeof FORMS;

/** How long a case may rest, in the words of the form. */
export const SNOOZES = {
  hour: '1 hour',
  hours3: '3 hours',
  tomorrow: 'Tomorrow, 10:00',
  workday: 'Next working day',
  chosen: 'Until the time below',
  buyer: 'Until the buyer writes',
} as const;
export type Snooze = keyof typeof SNOOZES;

const WORDS_CHARACTERS = 3_000;
const BACK_AT_HOUR = 10;

/** The form as Slack opens it; `metadata` comes back with what was entered. `claims`: of a buyer who has booked. */
export function caseForm(name: FormName, found: Case, metadata: string, claims: ClaimChoice[] = []): Modal {
  const { title, submit, blocks } = CONTENT[name](found, claims);
  return {
    type: 'modal',
    callback_id: FORMS[name],
    private_metadata: metadata,
    title: plain(`${title} ${found.ticket}`.slice(0, 24)),
    submit: plain(submit),
    close: plain('Cancel'),
    blocks,
  };
}

/**
 * When a case that is snoozed so comes back; undefined where only the buyer wakes it. `workday`: when the team is at
 * work again, not today, if it ever is.
 */
export function snoozedUntil(
  choice: Exclude<Snooze, 'chosen'>,
  now: Date,
  timeZone: string,
  workday?: Date,
): Date | undefined {
  const local = DateTime.fromJSDate(now, { zone: timeZone });
  const morning = local.plus({ days: 1 }).set({ hour: BACK_AT_HOUR, minute: 0, second: 0, millisecond: 0 });
  switch (choice) {
    case 'hour':
      return local.plus({ hours: 1 }).toJSDate();
    case 'hours3':
      return local.plus({ hours: 3 }).toJSDate();
    case 'tomorrow':
      return morning.toJSDate();
    case 'workday':
      return workday ?? morning.toJSDate();
    case 'buyer':
      return undefined;
  }
}

type Content = (found: Case, claims: ClaimChoice[]) => { title: string; submit: string; blocks: Block[] };

const CONTENT: Record<FormName, Content> = {
  resolve: () => ({
    title: 'Resolve',
    submit: 'Resolve',
    blocks: [
      chosen(
        'outcome',
        'Outcome',
        CASE_OUTCOMES.map((value) => option(value, OUTCOME[value])),
        'answered',
      ),
      typed('note', 'Note for the team', { optional: true }),
    ],
  }),
  snooze: () => ({
    title: 'Snooze',
    submit: 'Snooze',
    blocks: [
      chosen(
        'until',
        'Until',
        Object.entries(SNOOZES).map(([value, text]) => option(value, text)),
        'hour',
      ),
      {
        type: 'input',
        block_id: 'at',
        label: plain('Time, where you choose one'),
        element: { type: 'datetimepicker', action_id: 'value' },
        optional: true,
      },
    ],
  }),
  assign: (found) => ({
    title: 'Assign',
    submit: 'Assign',
    blocks: [
      {
        type: 'input',
        block_id: 'who',
        label: plain('Who takes it?'),
        hint: plain(`They must be in the channel of ${teamName(found.team)}.`),
        element: { type: 'users_select', action_id: 'value' },
      },
      typed('note', 'Note for them', { optional: true }),
    ],
  }),
  handOff: (found) => ({
    title: 'Hand off',
    submit: 'Hand off',
    blocks: [
      chosen(
        'team',
        'To which team?',
        TEAMS.filter((team) => team !== found.team).map((team) => option(team, teamName(team))),
      ),
      typed('note', 'What do they need to know?'),
    ],
  }),
  callNote: () => ({
    title: 'Call about',
    submit: 'Save',
    blocks: [
      typed('words', 'What was said?', { most: WORDS_CHARACTERS }),
      typed('promise', 'What did they, or you, promise?', { optional: true }),
    ],
  }),
  payment: (_found, claims) => ({
    title: 'Payment',
    submit: 'Confirm to buyer',
    blocks:
      claims.length > 0
        ? [{ type: 'section', text: { type: 'mrkdwn', text: RECEIPT_WARNING } }, ...receivedInputs(claims)]
        : [
            { type: 'section', text: { type: 'mrkdwn', text: PAYMENT_WARNING } },
            typed('amount', 'Amount in rupees', { optional: true, isLine: true }),
            typed('reference', 'Bank reference', { optional: true, isLine: true }),
          ],
  }),
  paymentMissing: (_found, claims) => ({
    title: 'Not received',
    submit: 'Tell the buyer',
    blocks: missingInputs(claims),
  }),
  visitMoved: () => ({
    title: 'Visit moved',
    submit: 'Book and tell buyer',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: VISIT_MOVED } },
      {
        type: 'input',
        block_id: 'at',
        label: plain('When does the new visit begin?'),
        element: { type: 'datetimepicker', action_id: 'value' },
      },
    ],
  }),
};

const VISIT_MOVED =
  'The time that you have agreed on with the buyer. It is booked, and they get the confirmation on WhatsApp.';

const PAYMENT_WARNING =
  'The buyer is told *in your name* that the payment has been received, and the case is closed. ' +
  'Please look at the bank record first. Amount and reference stay on the timeline.';

const RECEIPT_WARNING =
  'The buyer gets a *receipt* for what you enter, and is told *in your name*. Please enter what the bank record ' +
  'shows, not what was told: it goes to the demands that were due first.';
