import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Html } from './html.ts';

const SHEET = readFileSync(new URL('./portal.css', import.meta.url), 'utf8')
  .replace(/\/\*[\s\S]*?\*\//g, '')
  .replace(/\s*\n\s*/g, '')
  .replace(/: /g, ':');

/** The style sheet of all pages, without what is written for people who read it. */
export const STYLE = new Html(SHEET);

/** Lets browsers apply this style sheet, and no other. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(SHEET).digest('base64')}`;
