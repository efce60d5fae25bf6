import { z } from 'zod';
import type { ConsentSource } from '../../flows/types.ts';
import { type Modal, plain, plainText } from './blocks.ts';
import { SOURCE } from './consentWords.ts';
import type { ConsentEntry, ListenerParts } from './listening.ts';

/** The form in which the team enters what a buyer told them about messages: by phone, at the site, on paper. */

export const CONSENT_BUTTON = 'buyer_consent';
const CONSENT_VIEW = 'buyer_consent_form';
const NOTE_CHARACTERS = 500;

const ENTRIES = {
  service: 'Agrees to messages about their own matter',
  promotion: 'Agrees to offers too',
  noPromotions: 'Wants no offers',
  optOut: 'Wants no messages at all',
} as const;
type EntryName = keyof typeof ENTRIES;

/** Where a person may have it from; the others are recorded by the product itself. */
const SOURCES = ['staff_entry', 'lead_form'] as const satisfies ConsentSource[];

const metadata = z.object({ buyer: z.string() });
const chosen = z.object({ value: z.object({ selected_option: z.object({ value: z.string() }).nullish() }) });
const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        entry: chosen,
        source: chosen,
        why: z.object({ value: z.object({ value: z.string().nullish() }) }),
      }),
    }),
  }),
});

/** The form for a buyer. */
export function consentForm(buyer: string): Modal {
  const options = (words: Record<string, string>) =>
    Object.entries(words).map(([value, text]) => ({ text: plain(text), value }));
  const sources = Object.fromEntries(SOURCES.map((source) => [source, SOURCE[source]]));
  return {
    type: 'modal',
    callback_id: CONSENT_VIEW,
    private_metadata: JSON.stringify({ buyer }),
    title: plain('Consent'),
    submit: plain('Record'),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: 'entry',
        label: plain('What did the buyer say?'),
        element: { type: 'static_select', action_id: 'value', options: options(ENTRIES) },
      },
      {
        type: 'input',
        block_id: 'source',
        label: plain('Where is it on record?'),
        element: { type: 'static_select', action_id: 'value', options: options(sources) },
      },
      {
        type: 'input',
        block_id: 'why',
        label: plain('How and when did they say so?'),
        element: { type: 'plain_text_input', action_id: 'value', max_length: NOTE_CHARACTERS },
      },
    ],
  };
}

/** Takes in what is entered. Only members of the team may; a buyer's own refusal is lifted by a later word alone. */
export function listenToConsent(parts: ListenerParts): void {
  parts.app.view(CONSENT_VIEW, async ({ ack, body }) => {
    const { user, view } = submission.parse(body);
    const { buyer } = metadata.parse(JSON.parse(view.private_metadata));
    const member = await parts.people.member(user.id);
    if (!member) return ack({ response_action: 'errors', errors: { entry: 'This is for the team.' } });
    const { entry, source, why } = view.state.values;
    const words = plainText(why.value.value ?? '');
    const named = entryOf(
      entry.value.selected_option?.value ?? '',
      source.value.selected_option?.value ?? '',
      words,
    );
    if (!named) return ack({ response_action: 'errors', errors: { entry: 'Please choose one.' } });
    if (words === '') return ack({ response_action: 'errors', errors: { why: 'Please say how you know.' } });
    const staff = { id: member.id, name: member.name };
    const inputId = `slack:view:${view.id}`;
    const outcome = await parts.consent.enter({ buyer, inputId, staff, entry: named });
    if (outcome === 'done') return ack();
    const refused = 'They have refused this since: only their own word lifts it.';
    return ack({
      response_action: 'errors',
      errors: { entry: outcome === 'refused' ? refused : 'This buyer is not known any more.' },
    });
  });
}

function entryOf(name: string, source: string, why: string): ConsentEntry | undefined {
  const from = SOURCES.find((each) => each === source);
  if (!Object.hasOwn(ENTRIES, name) || !from) return undefined;
  const entry = name as EntryName;
  if (entry === 'noPromotions' || entry === 'optOut') return { act: entry, why };
  const kinds = entry === 'promotion' ? (['service', 'promotion'] as const) : (['service'] as const);
  return { act: 'optIn', kinds: [...kinds], source: from, why };
}
