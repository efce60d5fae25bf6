import { createHash } from 'node:crypto';
import type { Router } from 'express';
import type { PortalPage } from '../../flows/types.ts';
import { PAGE_WORDS, type PageLanguage } from '../../templates/portal/words.ts';
import type { Messenger } from './desks.ts';
import type { Door } from './door.ts';
import { readForm } from './forms.ts';
import { type Html, html } from './html.ts';
import { Limiter } from './limiter.ts';
import type { LinkTarget, PortalLinks } from './links.ts';
import { form, type View } from './page.ts';

export type LinkParts = { links: PortalLinks; messenger: Messenger; now: () => Date };

const HOUR_MS = 3_600_000;
/** A link is opened a few times a day; a browser that restores its tabs opens it a few times more. */
const OPENINGS_PER_HOUR = 60;
/** Nothing can be guessed: this only keeps the noise down. */
const WRONG_PER_HOUR = 60;
const NEW_LINKS_PER_HOUR = 3;

const PATH_OF: Record<PortalPage, string> = {
  home: '/portal',
  papers: '/portal/papers',
  pay: '/portal/pay',
  visits: '/portal/visits',
};

/** Opening a link, asking for another one, and leaving. */
export function linkRoutes(router: Router, door: Door, { links, messenger, now }: LinkParts): void {
  const opened = new Limiter(OPENINGS_PER_HOUR, HOUR_MS);
  const wrong = new Limiter(WRONG_PER_HOUR, HOUR_MS);
  const asked = new Limiter(NEW_LINKS_PER_HOUR, HOUR_MS);

  router.get('/l/:token', async (request, response) => {
    const { token } = request.params;
    const link = await links.open(token, now());
    switch (link.kind) {
      case 'ok': {
        if (!opened.take(link.buyer, now())) return door.refuse(request, response, 429, 'tooOften');
        // Previews ask for the head alone: they are no browser of the buyer's.
        if (request.method === 'GET') await door.parts.cookies.begin(request, response, link, now());
        return response.redirect(303, pathTo(link));
      }
      case 'expired':
        return door.refuse(request, response, 410, 'expired', (language) => sendAgain(token, language));
      case 'revoked':
        return door.refuse(request, response, 410, 'revoked');
      case 'tampered': {
        const isOften = !wrong.take(request.socket.remoteAddress ?? '', now());
        return door.refuse(request, response, isOften ? 429 : 404, isOften ? 'tooOften' : 'tampered');
      }
    }
  });

  // The token is what allows it: it was ours, and what it asks for goes to the buyer alone.
  router.post('/link', async (request, response) => {
    const read = await readForm(request);
    const token = read.kind === 'form' ? (read.form.fields.get('token') ?? '') : '';
    const link = await links.open(token, now());
    if (link.kind !== 'expired') {
      const isGone = link.kind === 'revoked';
      return door.refuse(request, response, isGone ? 410 : 404, isGone ? 'revoked' : 'tampered');
    }
    if (!asked.take(link.buyer, now())) return door.refuse(request, response, 429, 'tooOften');
    const { buyer, page, booking, project } = link;
    const again = { page, ...(booking && { booking }), ...(project && { project }) };
    await messenger.answerPage(buyer, `portal-link:${nameOf(token)}:${hourOf(now())}`, {
      template: 'portal_link_again',
      data: {},
      link: again,
      why: 'the buyer asked for a new link on an expired one',
    });
    door.refuse(request, response, 200, 'sent');
  });

  router.get('/leave', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { leave: words } = caller.view.words;
    door.show(response, caller, { title: words.title, content: leavePage(caller.view) });
  });

  router.post('/leave', async (request, response) => {
    const caller = await door.enter(request, response);
    const sent = caller && (await door.form(request, response, caller));
    if (!caller || !sent) return;
    const isEverywhere = sent.fields.get('where') === 'everywhere';
    if (isEverywhere) await links.revoke(caller.facts.buyer.id, now());
    await door.parts.cookies.end(request, response);
    await door.open(request, response, ({ words }) => ({
      title: words.leave.left,
      content: html`<p>${isEverywhere ? words.leave.leftEverywhere : words.leave.leftHere}</p>`,
    }));
  });
}

/** The page that a link is for, without anything of the link in its address. */
function pathTo({ page, project }: LinkTarget): string {
  const wanted = page === 'visits' && project ? `?project=${encodeURIComponent(project)}` : '';
  return `${PATH_OF[page]}${wanted}`;
}

function sendAgain(token: string, language: PageLanguage): Html {
  const { sendNew } = PAGE_WORDS[language].problems;
  return html`<form method="post" action="/portal/link"><input type="hidden" name="token" value="${token}"><button class="button">${sendNew}</button></form>`;
}

/** Out of this browser, or the end of every link: for who has passed one on, or lost their phone. */
function leavePage(view: View): Html {
  const { leave: words } = view.words;
  const choice = (where: 'here' | 'everywhere', text: string, label: string) =>
    html`<section class="card"><p>${text}</p>${form(view, '/portal/leave', html`<input type="hidden" name="where" value="${where}"><button class="button">${label}</button>`)}</section>`;
  return html`${choice('here', words.hereText, words.here)}${choice('everywhere', words.everywhereText, words.everywhere)}`;
}

function nameOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

/** Two presses within an hour are one. */
function hourOf(at: Date): string {
  return at.toISOString().slice(0, 13);
}
