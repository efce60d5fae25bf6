import { html, type Piece } from '../html.ts';
import type { View } from '../page.ts';

/** What is kept, what for, and where to complain: itemised, and by itself, as the DPDP Rules 2025 (rule 3) ask. */
export function privacyPage({ words }: View): Piece {
  return words.privacy.sections.map(
    ({ title, text }) => html`<section class="card"><h2>${title}</h2><p>${text}</p></section>`,
  );
}
