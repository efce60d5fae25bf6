import { heightOf, type TextStyle, write } from './lettering.ts';
import { COLOR, MARGIN, PAGE, type Sheet } from './sheet.ts';

/** What the footer stands on. A `panel` page has a dark column on the left, which it stays clear of. */
export type Ground = 'cover' | 'light' | 'dark' | 'panel';

const PANEL_SHIFT = 168;
/** The number is never shortened: it shrinks, and runs on to further lines. */
const REGISTRATION: TextStyle = {
  face: 'body',
  size: 10,
  color: COLOR.soft,
  leading: 1.3,
  lines: 2,
  smallest: 5,
};
const COVER_REGISTRATION: TextStyle = { ...REGISTRATION, face: 'strong', size: 12.5, color: COLOR.ink };

/** The foot of a page: the registration number and the authority's website, which every page carries, and its number. */
export function drawFooter({ doc, project, copy }: Sheet, page: { number: number; ground: Ground }): void {
  const x = page.ground === 'panel' ? MARGIN + PANEL_SHIFT : MARGIN;
  const width = PAGE.width - MARGIN - x;
  const color = page.ground === 'dark' ? COLOR.mist : COLOR.soft;
  const style = styleOn(page.ground, color);
  const text = `${copy.reraNumber} ${project.reraNumber}  ·  ${project.reraWebsite}`;
  const middle = PAGE.height - 31;
  const top = middle - heightOf(doc, text, width - 34, style) / 2;
  write(doc, text, { x, y: top, width: width - 34 }, style);
  const number: TextStyle = { face: 'strong', size: 10, color, leading: 1.3, align: 'right' };
  write(doc, String(page.number), { x: x + width - 30, y: middle - 6.5, width: 30 }, number);
}

function styleOn(ground: Ground, color: string): TextStyle {
  if (ground === 'cover') return COVER_REGISTRATION;
  return { ...REGISTRATION, color, lines: ground === 'panel' ? 3 : 2 };
}
