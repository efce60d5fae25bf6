import { PAGE_WORDS, type PageLanguage, type PageWords } from '../../templates/portal/words.ts';
import { type Html, html, type Piece } from './html.ts';
import { icon } from './icons.ts';

/** What every page needs: its words, and what its forms carry. */
export type View = {
  language: PageLanguage;
  words: PageWords;
  timeZone: string;
  now: Date;
  /** The style sheet, in the page itself: on a slow line, asking for it would take longer than sending it. */
  style: Html;
  /** Stands in every form of this session. */
  formToken: string;
  /** The path that is shown, for the language switch. */
  path: string;
  /** A code from WhatsApp has shown that it is the buyer who looks. */
  isProven: boolean;
};

/** A tab of the bar at the foot of the page. */
export type Tab = 'home' | 'papers' | 'pay' | 'visits' | 'history';

/** Whose page it is. */
export type Brand = { name: string; reraNumbers: string[]; hasHomes: boolean };

/** What a page is made of. */
export type Page = { title: string; tab?: Tab; brand: Brand; content: Piece; isSession?: boolean };

/** A whole page for a buyer. */
export function drawPage(view: View, { title, tab, brand, content, isSession = true }: Page): Html {
  const { words } = view;
  return document(
    view,
    `${title} · ${brand.name}`,
    html`<a class="skip" href="#main">${words.skip}</a>
<header class="top"><div class="wide"><p class="brand">${icon('mark')}<span>${brand.name}</span></p>${languageSwitch(view)}</div></header>
${isSession && tabs(view, brand, tab)}
<main id="main" class="wide" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
${footer(view, brand, isSession)}`,
  );
}

/** A page for a browser that we know nothing of: it says the same in both languages. */
export function drawProblem(
  style: Html,
  languages: readonly PageLanguage[],
  problem: keyof Omit<PageWords['problems'], 'sendNew'>,
  action: (language: PageLanguage) => Piece = () => undefined,
): Html {
  const [first = 'en'] = languages;
  const blocks = languages.map((language, index) => {
    const { title, text } = PAGE_WORDS[language].problems[problem];
    const heading = index === 0 ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`;
    return html`<section lang="${language}" class="card">${heading}<p>${text}</p>${action(language)}</section>`;
  });
  const { title } = PAGE_WORDS[first].problems[problem];
  return document(
    { language: first, style },
    title,
    html`<main id="main" class="wide alone">${icon('mark')}${blocks}</main>`,
  );
}

/** A message at the head of a page: what was done, or what went wrong. */
export function notice(kind: 'good' | 'bad' | 'info', text: Piece, id?: string): Html {
  const role = kind === 'bad' ? 'alert' : 'status';
  return html`<div class="notice ${kind}" role="${role}"${id !== undefined && html` id="${id}"`}>${icon(kind === 'good' ? 'tick' : 'info')}<p>${text}</p></div>`;
}

/** A form that posts to `path`, with the session's token in it. */
export function form(
  view: View,
  path: string,
  content: Piece,
  options: { files?: true; key?: string } = {},
): Html {
  const { files, key } = options;
  return html`<form method="post" action="${path}"${files && html` enctype="multipart/form-data"`}><input type="hidden" name="form" value="${view.formToken}">${
    key !== undefined && html`<input type="hidden" name="key" value="${key}">`
  }${content}</form>`;
}

/** A field with its label, hint and error, tied together for who does not see them. */
export function field(given: {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: string | undefined;
  control: (describedBy: Html) => Html;
}): Html {
  const { id, label, hint, error, optional, control } = given;
  const ids = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`]
    .filter(Boolean)
    .join(' ');
  const described = html`${ids && html` aria-describedby="${ids}"`}${error !== undefined && html` aria-invalid="true"`}`;
  return html`<div class="field${error !== undefined && ' wrong'}"><label for="${id}">${label}${
    optional !== undefined && html` <span class="soft">(${optional})</span>`
  }</label>${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}${
    error !== undefined && html`<p class="error" id="${id}-error">${error}</p>`
  }${control(described)}</div>`;
}

function document({ language, style }: Pick<View, 'language' | 'style'>, title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<meta name="theme-color" content="#14372f">
<title>${title}</title>
<link rel="icon" href="/portal/icon.svg" type="image/svg+xml">
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function languageSwitch({ words, path }: View): Html {
  const { code, name } = words.otherLanguage;
  return html`<a class="language" href="${path}${path.includes('?') ? '&' : '?'}language=${code}" lang="${code}" hreflang="${code}">${name}</a>`;
}

function tabs({ words }: View, { hasHomes }: Brand, current: Tab | undefined): Html {
  const shown: Tab[] = hasHomes
    ? ['home', 'papers', 'pay', 'visits', 'history']
    : ['home', 'visits', 'history'];
  const items = shown.map(
    (tab) =>
      html`<li><a href="/portal${tab === 'home' ? '' : `/${tab}`}"${tab === current && html` aria-current="page"`}>${icon(tab)}<span>${words.nav[tab]}</span></a></li>`,
  );
  return html`<nav class="tabs" aria-label="${words.nav.label}"><ul>${items}</ul></nav>`;
}

function footer(view: View, { name, reraNumbers }: Brand, isSession: boolean): Html {
  const { footer: words } = view.words;
  return html`<footer><div class="wide"><p><strong>${name}</strong>${reraNumbers.map((number) => html`<br>${words.rera(number)}`)}</p><p class="links"><a href="/portal/privacy">${words.privacy}</a>${isSession && html`<a href="/portal/leave">${words.leave}</a>`}</p></div></footer>`;
}
