import type { DocumentKind } from '../../../flows/kyc/documents.ts';
import { MOST_DOCUMENT_BYTES } from '../../documents/check.ts';
import type { Folder } from '../../documents/folders.ts';
import type { BookedHome, BuyerFacts } from '../facts.ts';
import { type Html, html, type Piece } from '../html.ts';
import { icon } from '../icons.ts';
import { field, form, notice, type View } from '../page.ts';
import { copyText, sentence } from '../writing.ts';
import { locked } from './code.ts';

type FolderItem = Folder['items'][number];

export const MOST_PAPER_MB = MOST_DOCUMENT_BYTES / 1024 / 1024;

/** The numbers that a buyer may type beside a paper, by what the paper may be. */
export const NUMBER_OF: Partial<Record<DocumentKind, 'pan' | 'aadhaar' | 'gstin'>> = {
  pan: 'pan',
  company_pan: 'pan',
  huf_pan: 'pan',
  karta_pan: 'pan',
  aadhaar: 'aadhaar',
  gst_certificate: 'gstin',
};

/** What went wrong with a paper that was just sent, beside the field it is about. */
export type PaperError = { booking: string; requirement: string; field: 'file' | 'number'; text: string };

export type PapersState = {
  error?: PaperError | undefined;
  done?: 'sent' | 'known' | undefined;
  newKey: () => string;
};

/** The checklist of each booking: what is there, what is missing and why, and a form for each paper. */
export function papersPage(view: View, facts: BuyerFacts, state: PapersState): Piece {
  const { papers: words } = view.words;
  const { homes } = facts;
  const done = state.done && notice('good', state.done === 'sent' ? words.sent : words.sentBefore);
  const wrong = state.error && notice('bad', state.error.text);
  if (homes.length === 0) return html`<p class="lead">${words.nothing}</p>`;
  const isOpen = homes.some(({ folder }) => folder?.items.some(isToSend));
  return html`<p class="lead">${words.lead}</p>${done}${wrong}
${!view.isProven && (isOpen || facts.documents.length > 0) && locked(view, 'papers', words.locked)}
${homes.map((home) => folderOf(view, facts, home, state))}`;
}

/** Where a requirement stands on the page. */
function placeOf({ _id }: { _id: string }, { requirement }: FolderItem): string {
  return `p-${_id}-${requirement.id}`.replace(/[^\w-]/g, '-');
}

function folderOf(
  view: View,
  facts: BuyerFacts,
  { booking, number, folder }: BookedHome,
  state: PapersState,
): Piece {
  const { papers: words } = view.words;
  if (!folder) return undefined;
  const title = facts.homes.length > 1 && html`<h2>${view.words.unit(number)}</h2>`;
  if (folder.items.length === 0) return html`${title}<p class="card">${words.barred}</p>`;
  const accepted = folder.items.filter(({ state: each }) => each === 'accepted').length;
  const needed = folder.items.filter(
    ({ requirement, state: each }) => !requirement.optional || each !== 'not_sent',
  );
  const progress = folder.standing.isComplete
    ? html`<p class="progress done">${icon('tick')}<span>${words.complete}</span></p>`
    : html`<div class="progress"><label for="done-${booking._id}">${words.progress(accepted, needed.length)}</label><progress id="done-${booking._id}" value="${accepted}" max="${needed.length}"></progress></div>`;
  return html`${title}${progress}${groupsOf(view, facts, folder).map(
    ({ title: name, items }) =>
      html`<section class="group"><h2>${name}</h2><ul class="cards">${items.map((item) => paper(view, facts, folder, item, state))}</ul></section>`,
  )}`;
}

/** By applicant where there are several, then what the purchase itself needs. */
function groupsOf({ words }: View, { buyer, names }: BuyerFacts, { booking, items }: Folder) {
  const { papers } = words;
  const groups = booking.buyers.map((applicant) => ({
    title: applicant === buyer.id ? papers.ofYou : papers.ofApplicant(names.get(applicant) ?? ''),
    items: items.filter(({ requirement }) => requirement.applicant === applicant),
  }));
  const common = {
    title: papers.ofPurchase,
    items: items.filter(({ requirement }) => !requirement.applicant),
  };
  return [...groups, common].filter((group) => group.items.length > 0);
}

function paper(view: View, facts: BuyerFacts, folder: Folder, item: FolderItem, state: PapersState): Html {
  const { papers: words } = view.words;
  const { requirement, state: standing, reason } = item;
  const name = copyText(view, requirement.label);
  const id = placeOf(folder.booking, item);
  const { error } = state;
  const own =
    error?.booking === folder.booking._id && error.requirement === requirement.id ? error : undefined;
  return html`<li class="card paper" id="${id}"><div class="head"><h3>${name}${
    requirement.optional && html` <span class="soft">(${view.words.optional})</span>`
  }</h3>${chip(view, standing)}</div><p class="soft">${sentence(copyText(view, requirement.why))}</p>${
    reason !== undefined && html`<p class="reason">${copyText(view, reason)}</p>`
  }${view.isProven && look(view, facts, item, name)}${
    view.isProven &&
    isToSend(item) &&
    html`<details${own && html` open`}><summary>${standing === 'rejected' ? words.sendAgain : words.send}<span class="unseen">: ${name}</span></summary>${uploadForm(view, folder, item, { id, error: own, key: state.newKey() })}</details>`
  }</li>`;
}

function uploadForm(
  view: View,
  { booking }: Folder,
  { requirement }: FolderItem,
  { id, error, key }: { id: string; error: PaperError | undefined; key: string },
): Html {
  const { papers: words } = view.words;
  const { anyOf } = requirement;
  const number = anyOf.map((kind) => NUMBER_OF[kind]).find((each) => each !== undefined);
  const errorOf = (of: PaperError['field']) => (error?.field === of ? error.text : undefined);
  const file = (described: Html) =>
    html`<input id="${id}-file" type="file" name="file" required accept="image/jpeg,image/png,image/webp,application/pdf"${described}>`;
  const which = (described: Html) =>
    html`<select id="${id}-kind" name="kind"${described}>${anyOf.map(
      (kind) =>
        html`<option value="${kind}">${words.kinds[kind] ?? copyText(view, requirement.label)}</option>`,
    )}</select>`;
  const typed = (described: Html) =>
    html`<input id="${id}-number" name="number" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="30"${described}>`;
  return form(
    view,
    '/portal/papers',
    html`<input type="hidden" name="booking" value="${booking._id}"><input type="hidden" name="requirement" value="${requirement.id}">${
      anyOf.length > 1 && field({ id: `${id}-kind`, label: words.which, control: which })
    }${field({
      id: `${id}-file`,
      label: words.file,
      hint: [words.fileHint(MOST_PAPER_MB), anyOf.includes('aadhaar') && words.aadhaarHint]
        .filter(Boolean)
        .join(' '),
      error: errorOf('file'),
      control: file,
    })}${
      number &&
      field({
        id: `${id}-number`,
        label: words.numbers[number],
        hint: words.numberHint,
        optional: view.words.optional,
        error: errorOf('number'),
        control: typed,
      })
    }<button class="button">${words.upload}</button>`,
    { files: true, key },
  );
}

function look({ words }: View, facts: BuyerFacts, { document }: FolderItem, name: string): Piece {
  if (document === undefined || !mayLook(facts, document)) return undefined;
  const { look: label, lookFor } = words.papers;
  return html`<p><a class="more" href="/portal/papers/file?document=${encodeURIComponent(document)}" aria-label="${lookFor(name)}">${label}</a></p>`;
}

/** Whether this buyer has sent a paper: of a joint purchase nobody looks at what the other sent. */
export function mayLook({ buyer, documents }: BuyerFacts, id: string): boolean {
  const found = documents.find(({ _id }) => _id === id);
  return found !== undefined && found.status !== 'erased' && found.buyer === buyer.id;
}

function chip({ words }: View, state: FolderItem['state']): Html {
  return html`<span class="chip ${state}">${words.papers.states[state]}</span>`;
}

function isToSend({ state }: FolderItem): boolean {
  return state === 'not_sent' || state === 'rejected';
}
