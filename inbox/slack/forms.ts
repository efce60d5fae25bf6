import { z } from 'zod';
import { CASE_OUTCOMES, type CardPlace, type StaffRef, TEAMS } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { plainText } from './blocks.ts';
import type { ListenerParts, TeamOutcome } from './listening.ts';
import { FORMS, type FormName, SNOOZES, type Snooze, snoozedUntil } from './modals.ts';
import { isOvertaken, overtakenText } from './overtaken.ts';
import { paiseOf } from './rupees.ts';
import { claimOf, MODES, NOT_SHOWN } from './saleModal.ts';

/** What people enter in the forms about a case: each is checked, done, and only then acknowledged. */

/** Goes with a form and comes back with what was entered: the card at which it was opened. */
const formMetadata = z.object({
  caseId: z.string(),
  channel: z.string(),
  ts: z.string(),
  visit: z.string().optional(),
});

const entry = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_user: z.string().nullish(),
  selected_date_time: z.number().nullish(),
  selected_date: z.string().nullish(),
});

const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.object({ value: entry })) }),
  }),
});

/** What was entered, by the name of the input; empty text is none. */
class Entered {
  private readonly values: z.infer<typeof submission>['view']['state']['values'];

  constructor(values: z.infer<typeof submission>['view']['state']['values']) {
    this.values = values;
  }

  text(name: string): string | undefined {
    return plainText(this.values[name]?.value.value ?? '') || undefined;
  }

  option(name: string): string | undefined {
    return this.values[name]?.value.selected_option?.value;
  }

  user(name: string): string | undefined {
    return this.values[name]?.value.selected_user ?? undefined;
  }

  day(name: string): string | undefined {
    return this.values[name]?.value.selected_date ?? undefined;
  }

  moment(name: string): Date | undefined {
    const seconds = this.values[name]?.value.selected_date_time;
    return typeof seconds === 'number' ? new Date(seconds * 1_000) : undefined;
  }
}

/** Faults by the name of the input. */
type Faults = { faults: Record<string, string> };

type Filled = {
  found: Case;
  entered: Entered;
  /** Names the input, for whom it is, and where it was made. */
  input: { caseId: string; inputId: string; staff: StaffRef; at: CardPlace };
  /** The visit that the card asked about. */
  visit?: string;
};

type Submit = (parts: ListenerParts, filled: Filled) => Promise<TeamOutcome | Faults>;

/** A case may not rest longer: it would be forgotten. */
const LONGEST_SNOOZE_MS = 90 * 86_400_000;

/** Takes in every form that is submitted, under one card in the order in which that was done. */
export function listenToForms(parts: ListenerParts): void {
  for (const [name, callbackId] of Object.entries(FORMS)) {
    const form = FORM[name as FormName];
    parts.app.view(callbackId, async ({ ack, body }) => {
      const { user, view } = submission.parse(body);
      const metadata = formMetadata.parse(JSON.parse(view.private_metadata));
      const faults = await parts.lines.run(metadata.ts, () => take(parts, form, { user, view, metadata }));
      if (faults) await ack({ response_action: 'errors', errors: faults });
      else await ack();
    });
  }
}

async function take(
  parts: ListenerParts,
  { first, submit }: { first: string; submit: Submit },
  given: z.infer<typeof submission> & { metadata: z.infer<typeof formMetadata> },
): Promise<Record<string, string> | undefined> {
  const { caseId, visit, ...at } = given.metadata;
  const found = await parts.cases.byId(caseId);
  if (!found) return { [first]: 'This case is not known any more.' };
  const permission = await parts.authority.permit(found, given.user.id);
  if ('refusal' in permission) return { [first]: permission.refusal };
  const input = { caseId, inputId: `slack:view:${given.view.id}`, staff: permission.staff, at };
  const entered = new Entered(given.view.state.values);
  const outcome = await submit(parts, { found, entered, input, ...(visit && { visit }) });
  if (typeof outcome !== 'string') return outcome.faults;
  return isOvertaken(outcome) ? { [first]: await overtakenText(parts, found, at) } : undefined;
}

/** The forms: `first` is the input at which faults of the whole are shown. */
const FORM: Record<FormName, { first: string; submit: Submit }> = {
  resolve: { first: 'outcome', submit: resolve },
  snooze: { first: 'until', submit: snooze },
  assign: { first: 'who', submit: assign },
  handOff: { first: 'team', submit: handOff },
  callNote: { first: 'words', submit: noteCall },
  payment: { first: 'amount', submit: confirmPayment },
  visitMoved: { first: 'at', submit: moveVisit },
  paymentMissing: { first: 'claim', submit: missPayment },
};

async function resolve({ actions }: ListenerParts, { entered, input }: Filled) {
  const outcome = z.enum(CASE_OUTCOMES).safeParse(entered.option('outcome'));
  if (!outcome.success) return fault('outcome', 'Please choose one.');
  const note = entered.text('note');
  return actions.resolve({ ...input, outcome: outcome.data, ...(note && { note }) });
}

async function snooze(
  { actions, nextWorkday, now, timeZone }: ListenerParts,
  { found, entered, input }: Filled,
) {
  const choice = entered.option('until') ?? '';
  if (!isSnooze(choice)) return fault('until', 'Please choose one.');
  const until =
    choice === 'chosen'
      ? entered.moment('at')
      : snoozedUntil(choice, now(), timeZone, await nextWorkday(found.team));
  if (choice === 'chosen' && !until) return fault('at', 'Please choose a day and a time.');
  if (until && until <= now()) return fault('at', 'This time has passed.');
  if (until && until.getTime() > now().getTime() + LONGEST_SNOOZE_MS)
    return fault('at', 'At most 90 days ahead.');
  return actions.snooze({ ...input, ...(until && { until }) });
}

async function assign({ actions, authority }: ListenerParts, { found, entered, input }: Filled) {
  const user = entered.user('who');
  if (!user) return fault('who', 'Please choose somebody.');
  const channel = found.slack?.channel ?? input.at.channel;
  const to = (await authority.isMember(channel, user))
    ? await authority.staffMember(user, found.team)
    : undefined;
  if (!to) return fault('who', 'They are not an active member of this team’s channel.');
  const note = entered.text('note');
  return actions.assign({ ...input, to, ...(note && { note }) });
}

async function handOff({ actions }: ListenerParts, { found, entered, input }: Filled) {
  const team = z.enum(TEAMS).safeParse(entered.option('team'));
  if (!team.success) return fault('team', 'Please choose a team.');
  if (team.data === found.team) return fault('team', 'They have it already.');
  const note = entered.text('note');
  if (!note) return fault('note', 'Please say what they need to know.');
  return actions.handOff({ ...input, team: team.data, note });
}

async function noteCall({ actions }: ListenerParts, { entered, input }: Filled) {
  const words = entered.text('words');
  if (!words) return fault('words', 'Please say what was said.');
  const promise = entered.text('promise');
  return actions.noteCall({ ...input, words, ...(promise && { promise }) });
}

async function confirmPayment(parts: ListenerParts, filled: Filled) {
  const { entered, input } = filled;
  // Of a buyer who has booked it goes into the books.
  const claim = entered.option('claim');
  if (claim !== undefined) return receive(parts, filled, claim);
  const typed = entered.text('amount');
  const amountPaise = typed === undefined ? undefined : paiseOf(typed);
  if (typed !== undefined && amountPaise === undefined)
    return fault('amount', 'Please write rupees in figures, such as 1,25,000 or 125000.50.');
  const reference = entered.text('reference');
  return parts.actions.checkPayment({
    ...input,
    check: {
      received: true,
      ...(amountPaise !== undefined && { amountPaise }),
      ...(reference && { reference }),
    },
  });
}

async function moveVisit({ actions, now }: ListenerParts, { entered, input, visit = '' }: Filled) {
  const at = entered.moment('at');
  if (!at) return fault('at', 'Please choose a day and a time.');
  if (at <= now()) return fault('at', 'This time has passed.');
  const logged = await actions.logVisit({ ...input, visit, outcome: 'moved', movedTo: at });
  if (logged === 'notFree') return fault('at', 'No visit can begin at this time: please choose a free one.');
  return logged === 'repeated' ? fault('at', 'It is known already what became of this visit.') : logged;
}

async function receive({ sales }: ListenerParts, { entered, input }: Filled, claim: string) {
  const amountPaise = paiseOf(entered.text('amount') ?? '');
  if (amountPaise === undefined)
    return fault('amount', 'Please write rupees in figures, such as 1,25,000 or 125000.50.');
  const mode = z.enum(MODE_NAMES).safeParse(entered.option('mode'));
  if (!mode.success) return fault('mode', 'Please choose one.');
  const receivedOn = entered.day('received');
  if (receivedOn === undefined) return fault('received', 'Please choose a day.');
  const utr = entered.text('reference');
  const faults = await sales.confirm({
    claim: claimOf(claim),
    amountPaise,
    mode: mode.data,
    receivedOn,
    ...(utr && { utr }),
    staff: input.staff,
    key: input.inputId,
  });
  return faults ? { faults } : ('done' as const);
}

async function missPayment({ sales }: ListenerParts, { entered, input }: Filled) {
  const { payment } = claimOf(entered.option('claim') ?? '');
  if (payment === undefined) return fault('claim', 'Please choose one.');
  const refusal = await sales.reject({ payment, staff: input.staff, reason: NOT_SHOWN });
  return refusal === undefined ? ('done' as const) : fault('claim', refusal);
}

const MODE_NAMES = Object.keys(MODES) as (keyof typeof MODES)[];

function isSnooze(choice: string): choice is Snooze {
  return Object.hasOwn(SNOOZES, choice);
}

function fault(name: string, text: string): Faults {
  return { faults: { [name]: text } };
}
