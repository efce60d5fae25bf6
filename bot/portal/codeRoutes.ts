import type { Request, Response, Router } from 'express';
import type { Caller, Door } from './door.ts';
import { Limiter } from './limiter.ts';
import { CODE_PAGES, type CodePage, type CodeState, codePage } from './pages/code.ts';
import type { StepUp } from './stepUp.ts';

export type CodeRouteParts = { stepUp: StepUp; now: () => Date };

const HOUR_MS = 3_600_000;
/** Beyond what three codes with five tries each allow, it is no person who types. */
const TYPED_PER_HOUR = 40;

/** The code from WhatsApp that shows that it is the buyer who looks. */
export class CodeRoutes {
  private readonly door: Door;
  private readonly parts: CodeRouteParts;
  private readonly typed = new Limiter(TYPED_PER_HOUR, HOUR_MS);

  constructor(door: Door, parts: CodeRouteParts) {
    this.door = door;
    this.parts = parts;
  }

  mount(router: Router): void {
    router.get('/code', async (request, response) => {
      const caller = await this.door.enter(request, response);
      if (!caller) return;
      const next = nextOf(request.query.next);
      if (caller.view.isProven) response.redirect(303, `/portal/${next}`);
      else await this.ask(response, caller, { next });
    });
    router.post('/code/send', (request, response) => this.send(request, response));
    router.post('/code', (request, response) => this.type(request, response));
  }

  private async send(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response);
    const form = caller && (await this.door.form(request, response, caller));
    if (!caller || !form) return;
    const next = nextOf(form.fields.get('next'));
    if (await this.parts.stepUp.send(caller.session, this.parts.now()))
      response.redirect(303, `/portal/code?next=${next}`);
    else await this.ask(response, caller, { next, isTooMany: true }, 429);
  }

  private async type(request: Request, response: Response): Promise<void> {
    const { stepUp, now } = this.parts;
    const caller = await this.door.enter(request, response);
    const form = caller && (await this.door.form(request, response, caller));
    if (!caller || !form) return;
    if (!this.typed.take(caller.session.buyer, now()))
      return this.door.refuse(request, response, 429, 'tooOften');
    const next = nextOf(form.fields.get('next'));
    const { code: words } = caller.view.words;
    const result = await stepUp.type(caller.session, form.fields.get('code') ?? '', now());
    if (result.kind === 'proven') return response.redirect(303, `/portal/${next}`);
    const error = result.kind === 'wrong' ? words.wrong(result.triesLeft) : words.over;
    await this.ask(response, caller, { next, error }, 422);
  }

  private async ask(
    response: Response,
    caller: Caller,
    state: Omit<CodeState, 'awaits'>,
    status = 200,
  ): Promise<void> {
    const awaits = await this.parts.stepUp.awaits(caller.session, this.parts.now());
    const view = { ...caller.view, path: `/portal/code?next=${state.next}` };
    const content = codePage(view, caller.facts, { ...state, awaits });
    this.door.show(response, { ...caller, view }, { title: view.words.code.title, content }, status);
  }
}

/** Sends a browser that has not shown a code to where it can; true when it had to be sent. */
export function sendToCode(response: Response, { view }: Caller, next: CodePage): boolean {
  if (view.isProven) return false;
  response.redirect(303, `/portal/code?next=${next}`);
  return true;
}

/** Only our own pages follow a code; anything else leads to the papers. */
function nextOf(given: unknown): CodePage {
  return CODE_PAGES.find((page) => page === given) ?? 'papers';
}
