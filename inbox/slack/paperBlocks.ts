import { DOCUMENT_KINDS } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import {
  ACTIONS,
  type Block,
  type Button,
  escaped,
  type Modal,
  markdown,
  plain,
  shortTime,
} from './blocks.ts';
import type { CaseFacts, PaperShown } from './facts.ts';

/** Papers on a case's card, and the forms about them. Slack is told what a paper is, and never shown it. */

/** More are behind the first ones: each that is decided makes room. */
const MOST_SHOWN = 5;

/** Callback ids of the forms. */
export const PAPER_FORMS = { sort: 'paper_form_sort', reject: 'paper_form_reject' } as const;

/** Why a person sends a paper back, by the copy that tells the buyer how to send it again. */
export const REJECTIONS: Record<string, string> = {
  kyc_retake_blurred: 'Blurred',
  kyc_retake_dark: 'Too dark',
  kyc_retake_glare: 'A reflection covers part of it',
  kyc_retake_incomplete: 'A side, page or corner is missing',
  kyc_retake_wrong_paper: 'It is another paper',
  kyc_retake_expired: 'It has expired',
  kyc_retake_name_differs: 'The name differs from the booking',
  kyc_retake_unclear: 'It cannot be accepted for another reason',
};

/** The papers of a case, with buttons where they wait for somebody. */
export function paperBlocks(
  { status }: Case,
  { facts, timeZone }: { facts: CaseFacts; timeZone: string },
): Block[] {
  const { papers = [] } = facts;
  if (papers.length === 0) return [];
  const waiting = papers.filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return [acceptedSet(papers)];
  const hidden = waiting.length - MOST_SHOWN;
  return [
    ...waiting.slice(0, MOST_SHOWN).flatMap((paper) => [
      { type: 'section' as const, text: markdown(lineOf(paper, timeZone)) },
      // Also under a case that somebody has closed too early.
      ...(status === 'resolved' ? [] : [buttons(paper)]),
    ]),
    ...(hidden > 0 ? [{ type: 'context' as const, elements: [markdown(`${hidden} more after these`)] }] : []),
  ];
}

/** What a paper is called. Example: `address proof` */
export function paperName(kind: string): string {
  return kind === 'other' ? 'a paper, not sorted yet' : kind.replaceAll('_', ' ');
}

/** The form for a paper of which nobody has said yet what it is. */
export function sortForm(metadata: string): Modal {
  const options = DOCUMENT_KINDS.filter((kind) => kind !== 'other').map((kind) => ({
    text: plain(paperName(kind)),
    value: kind,
  }));
  return form(
    PAPER_FORMS.sort,
    { title: 'Accept as', submit: 'Accept', metadata },
    'Which paper is it?',
    options,
  );
}

/** The form for sending a paper back. */
export function rejectForm(metadata: string): Modal {
  const options = Object.entries(REJECTIONS).map(([value, words]) => ({ text: plain(words), value }));
  return form(
    PAPER_FORMS.reject,
    { title: 'Send back', submit: 'Tell the buyer', metadata },
    'What is wrong with it? The buyer is told how to send it again.',
    options,
  );
}

function form(
  callback_id: string,
  { title, submit, metadata }: { title: string; submit: string; metadata: string },
  label: string,
  options: { text: ReturnType<typeof plain>; value: string }[],
): Modal {
  return {
    type: 'modal',
    callback_id,
    private_metadata: metadata,
    title: plain(title),
    submit: plain(submit),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: 'choice',
        label: plain(label),
        element: { type: 'static_select', action_id: 'value', options },
      },
    ],
  };
}

function lineOf(paper: PaperShown, timeZone: string): string {
  const { kind, unit, applicant, uploadedAt, source, isMisnamed, link } = paper;
  const whose = [applicant, unit].filter(Boolean).join(', ');
  const came = `came ${shortTime(uploadedAt, timeZone)} by ${source}`;
  const doubt = isMisnamed ? '\n:warning: Its name says another type than it is' : '';
  return `:page_facing_up: *${escaped(paperName(kind))}* (${escaped(whose)}), ${came}: <${link}|look at it>${doubt}`;
}

function buttons({ document, kind }: PaperShown): Block {
  const isSorted = kind !== 'other';
  const accept: Button = {
    type: 'button',
    action_id: isSorted ? ACTIONS.paperAccept : ACTIONS.paperSort,
    text: plain(isSorted ? 'Accept' : 'Accept as…'),
    value: document,
    style: 'primary',
  };
  const reject: Button = {
    type: 'button',
    action_id: ACTIONS.paperReject,
    text: plain('Reject…'),
    value: document,
  };
  return { type: 'actions', block_id: `paper ${document}`.slice(0, 255), elements: [accept, reject] };
}

function acceptedSet(papers: PaperShown[]): Block {
  const lines = papers.map(({ kind, unit, applicant, link }) => {
    const whose = [applicant, unit].filter(Boolean).join(', ');
    return `• <${link}|${escaped(paperName(kind))}> (${escaped(whose)})`;
  });
  return { type: 'section', text: markdown(`*Accepted papers*\n${lines.join('\n')}`.slice(0, 2_900)) };
}
