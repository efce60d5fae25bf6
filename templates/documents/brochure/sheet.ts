import type { Project } from '../project.ts';
import type { Copy, Language } from './copy.ts';
import { type TextStyle, write } from './lettering.ts';

/** The brochure while it is drawn: the document and everything that its pages say. */
export type Sheet = {
  doc: PDFKit.PDFDocument;
  project: Project;
  copy: Copy;
  language: Language;
  issuedOn: Date;
};

/** A rectangle in points, from the top left corner of the page. */
export type Area = { x: number; y: number; width: number; height: number };

/** A4 portrait, in points. */
export const PAGE = { width: 595.28, height: 841.89 } as const;
export const MARGIN = 48;
export const CONTENT_WIDTH = PAGE.width - 2 * MARGIN;
/** Nothing but the footer stands below this line. */
export const CONTENT_BOTTOM = PAGE.height - 62;

export const COLOR = {
  night: '#0C2420',
  forest: '#14372F',
  pine: '#235448',
  moss: '#3F7263',
  sage: '#9DB3A6',
  mist: '#E6ECE4',
  ivory: '#FCFAF5',
  sand: '#F3ECDF',
  line: '#DDD3C0',
  brass: '#A67C3D',
  glow: '#E8CB96',
  ink: '#1B2A26',
  soft: '#5F6E68',
} as const;

/** A page's opening: a small label, a rule and a large title. Returns the y below it. */
export function openPage(
  doc: PDFKit.PDFDocument,
  label: string,
  title: string,
  column: { x: number; width: number; lines?: number } = { x: MARGIN, width: CONTENT_WIDTH },
): number {
  const small: TextStyle = { face: 'strong', size: 11, color: COLOR.brass, capitals: 1.8 };
  const large: TextStyle = { face: 'display', size: 33, color: COLOR.ink, leading: 1.22, smallest: 17 };
  const below = write(doc, label, { ...column, y: 54 }, small);
  doc.rect(column.x, below + 7, 34, 1.4).fill(COLOR.brass);
  return write(doc, title, { ...column, y: below + 20 }, { ...large, lines: column.lines ?? 2 });
}

/** Fills a rectangle that fades from one colour at its top to another at its bottom. */
export function fade(doc: PDFKit.PDFDocument, area: Area, stops: readonly [number, string][]): void {
  const gradient = doc.linearGradient(0, area.y, 0, area.y + area.height);
  for (const [position, color] of stops) gradient.stop(position, color);
  doc.rect(area.x, area.y, area.width, area.height).fill(gradient);
}
