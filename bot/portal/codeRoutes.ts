import type { Request, Response, Router } from 'express';
import type { Caller, Door } from './door.ts';
import { Limiter } from './limiter.ts';
import { CODE_PAGES, type CodePage, codePage } from './pages/code.ts';
import type { StepUp } from './stepUp.ts';

const HOUR_MS = 3_600_000;
/** Beyond what three codes with five tries each allow, it is no person who types. */
const TYPED_PER_HOUR = 40;

/** The code from WhatsApp that shows that it is the buyer who looks. */
export function codeRoutes(
  router: Router,
  door: Door,
  { stepUp, now }: { stepUp: StepUp; now: () => Date },
): void {
  const typed = new Limiter(TYPED_PER_HOUR, HOUR_MS);

  const ask = async (
    response: Response,
    caller: Caller,
    next: CodePage,
    more: { error?: string; isTooMany?: boolean },
    status = 200,
  ) => {
    const awaits = await stepUp.awaits(caller.session, now());
    const view = { ...caller.view, path: `/portal/code?next=${next}` };
    const content = codePage(view, caller.facts, { next, awaits, ...more });
    door.show(response, { ...caller, view }, { title: view.words.code.title, content }, status);
  };

  router.get('/code', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const next = nextOf(request.query.next);
    if (caller.view.isProven) return response.redirect(303, `/portal/${next}`);
    await ask(response, caller, next, {});
  });

  router.post('/code/send', async (request, response) => {
    const caller = await door.enter(request, response);
    const form = caller && (await door.form(request, response, caller));
    if (!caller || !form) return;
    const next = nextOf(form.fields.get('next'));
    if (await stepUp.send(caller.session, now())) return response.redirect(303, `/portal/code?next=${next}`);
    await ask(response, caller, next, { isTooMany: true }, 429);
  });

  router.post('/code', async (request, response) => {
    const caller = await door.enter(request, response);
    const form = caller && (await door.form(request, response, caller));
    if (!caller || !form) return;
    if (!typed.take(caller.session.buyer, now())) return door.refuse(request, response, 429, 'tooOften');
    const next = nextOf(form.fields.get('next'));
    const { code: words } = caller.view.words;
    const result = await stepUp.type(caller.session, form.fields.get('code') ?? '', now());
    switch (result.kind) {
      case 'proven':
        return response.redirect(303, `/portal/${next}`);
      case 'wrong':
        return ask(response, caller, next, { error: words.wrong(result.triesLeft) }, 422);
      case 'over':
        return ask(response, caller, next, { error: words.over }, 422);
    }
  });
}

/** Only our own pages follow a code; anything else leads to the papers. */
function nextOf(given: unknown): CodePage {
  return CODE_PAGES.find((page) => page === given) ?? 'papers';
}

/** Sends a browser that has not shown a code to where it can; true when it had to be sent. */
export function sendToCode(_request: Request, response: Response, { view }: Caller, next: CodePage): boolean {
  if (view.isProven) return false;
  response.redirect(303, `/portal/code?next=${next}`);
  return true;
}
