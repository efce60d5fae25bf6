import { createHmac } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Router } from 'express';
import type { Requirement } from '../../flows/kyc/checklist.ts';
import type { DocumentKind } from '../../flows/kyc/documents.ts';
import {
  checkAadhaar,
  checkGstin,
  checkPan,
  type NumberCheck,
  type PanHolder,
} from '../../flows/kyc/numbers.ts';
import { MOST_DOCUMENT_BYTES } from '../documents/check.ts';
import { derivedKey } from '../documents/keys.ts';
import type { Vault } from '../documents/vault.ts';
import { maskedName } from '../masking.ts';
import { sendToCode } from './codeRoutes.ts';
import type { PaperDesk } from './desks.ts';
import type { Caller, Door } from './door.ts';
import type { BookedHome } from './facts.ts';
import type { Form } from './forms.ts';
import { Limiter } from './limiter.ts';
import {
  MOST_PAPER_MB,
  mayLook,
  NUMBER_OF,
  type PaperError,
  type PapersState,
  papersPage,
} from './pages/papers.ts';
import { copyText } from './writing.ts';

export type PaperRouteParts = {
  papers: PaperDesk;
  vault: Pick<Vault, 'open'>;
  secret: string;
  newId: () => string;
  now: () => Date;
};

const HOUR_MS = 3_600_000;
const UPLOADS_PER_HOUR = 60;
/** Each lies in memory while it is checked. */
const MOST_AT_ONCE = 6;
const MOST_NAME_CHARACTERS = 100;

/** A file that was sent for one line of a checklist. */
type Sent = { home: BookedHome; requirement: Requirement; form: Form };

/** The checklist, sending a paper, and looking at one that was sent. */
export function paperRoutes(router: Router, door: Door, parts: PaperRouteParts): void {
  const { papers, vault, newId, now } = parts;
  const uploads = new Limiter(UPLOADS_PER_HOUR, HOUR_MS);
  const uploadKey = derivedKey(parts.secret, 'portal uploads');
  let underWay = 0;

  const show = (
    response: Parameters<Door['show']>[0],
    caller: Caller,
    state: Omit<PapersState, 'newKey'>,
    status = 200,
  ) => {
    const view = { ...caller.view, path: '/portal/papers' };
    const content = papersPage(view, caller.facts, { ...state, newKey: newId });
    door.show(
      response,
      { ...caller, view },
      { title: view.words.papers.title, tab: 'papers', content },
      status,
    );
  };

  router.get('/papers', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { done } = request.query;
    show(response, caller, { done: done === 'sent' || done === 'known' ? done : undefined });
  });

  router.post('/papers', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller || sendToCode(request, response, caller, 'papers')) return;
    if (underWay >= MOST_AT_ONCE || !uploads.take(caller.session.buyer, now()))
      return door.refuse(request, response, 429, 'tooOften');
    underWay += 1;
    try {
      const form = await door.form(request, response, caller, MOST_DOCUMENT_BYTES);
      if (!form) return;
      const sent = sentIn(caller, form);
      if (!sent) return door.refuse(request, response, 404, 'notFound');
      const error = errorIn(caller, sent, form.isTooLarge);
      const wrong = error ?? (await take(papers, caller, sent, uploadKey));
      if (typeof wrong === 'string') response.redirect(303, `/portal/papers?done=${wrong}`);
      else show(response, caller, { error: wrong }, 422);
    } finally {
      underWay -= 1;
    }
  });

  router.get('/papers/file', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller || sendToCode(request, response, caller, 'papers')) return;
    const { document: id } = request.query;
    const isOwn = typeof id === 'string' && mayLook(caller.facts, id);
    const opened = isOwn
      ? await vault.open(id, { who: 'buyer', why: 'looked at it on their page' })
      : undefined;
    if (!opened) return door.refuse(request, response, 404, 'notFound');
    const { mimeType, fileName = 'paper' } = opened.document;
    response.set('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(fileName)}`);
    response.type(mimeType);
    await pipeline(opened.bytes, response);
  });
}

/** The line of this buyer's own checklist that a form is about. */
function sentIn({ facts }: Caller, form: Form): Sent | undefined {
  const home = facts.homes.find(({ booking }) => booking._id === form.fields.get('booking'));
  const item = home?.folder?.items.find(
    ({ requirement }) => requirement.id === form.fields.get('requirement'),
  );
  return home && item && { home, requirement: item.requirement, form };
}

/** What can be said before the file is looked into. */
function errorIn({ view, facts }: Caller, sent: Sent, isTooLarge: boolean): PaperError | undefined {
  const { papers: words } = view.words;
  const { home, requirement, form } = sent;
  const at = { booking: home.booking._id, requirement: requirement.id };
  if (isTooLarge) return { ...at, field: 'file', text: words.tooLarge(MOST_PAPER_MB) };
  if (!form.file) return { ...at, field: 'file', text: words.noFile };
  const typed = (form.fields.get('number') ?? '').trim();
  const checked = typed
    ? checkNumber(kindOf(sent), typed, facts.names.get(requirement.applicant ?? ''))
    : undefined;
  return checked && !checked.ok
    ? { ...at, field: 'number', text: copyText(view, checked.problem) }
    : undefined;
}

/** The number that a buyer typed beside a paper of this kind. It is looked at, and not kept. */
function checkNumber(kind: DocumentKind, typed: string, name: string | undefined): NumberCheck | undefined {
  switch (NUMBER_OF[kind]) {
    case 'pan':
      return checkPan(typed, { holder: HOLDER_OF[kind] ?? 'individual', ...(name && { name }) });
    case 'aadhaar':
      return checkAadhaar(typed);
    case 'gstin':
      return checkGstin(typed);
    default:
      return undefined;
  }
}

const HOLDER_OF: Partial<Record<DocumentKind, PanHolder>> = { company_pan: 'company', huf_pan: 'huf' };

/** The paper that the buyer chose, where several will do. */
function kindOf({ requirement: { anyOf }, form }: Sent): DocumentKind {
  const chosen = anyOf.find((kind) => kind === form.fields.get('kind'));
  return chosen ?? anyOf[0] ?? 'other';
}

/** Hands the file on: `sent`, `known`, or what the buyer has to do otherwise. */
async function take(
  papers: PaperDesk,
  { view, facts }: Caller,
  sent: Sent,
  uploadKey: Buffer,
): Promise<'sent' | 'known' | PaperError> {
  const { home, requirement, form } = sent;
  const { bytes = Buffer.alloc(0), name = '', mimeType = '' } = form.file ?? {};
  // The same form with the same file is the same upload; a form that comes back with another file is another one.
  const key = createHmac('sha256', uploadKey)
    .update(JSON.stringify([facts.buyer.id, form.fields.get('key') ?? '', requirement.id]))
    .update(bytes)
    .digest('hex')
    .slice(0, 32);
  const intake = await papers.takeIn({
    booking: home.booking._id,
    requirement: requirement.id,
    kind: kindOf(sent),
    uploadedBy: facts.buyer.id,
    key,
    name: maskedName(name).slice(-MOST_NAME_CHARACTERS),
    mimeType,
    bytes,
  });
  if (intake.kind === 'retake')
    return {
      booking: home.booking._id,
      requirement: requirement.id,
      field: 'file',
      text: copyText(view, intake.copy, intake.data),
    };
  return intake.kind === 'stored' ? 'sent' : 'known';
}
