import PDFDocument from 'pdfkit';
import { heightOf, type TextStyle, write } from '../brochure/lettering.ts';
import { COLOR, CONTENT_WIDTH, MARGIN, PAGE } from '../brochure/sheet.ts';
import { collect } from '../collect.ts';
import { registerFaces } from '../fonts.ts';
import type { PaperFacts } from './facts.ts';
import { type PaperLanguage, unitInWords } from './phrases.ts';

/** A letter or receipt while it is drawn, from the top down: `y` is where the next part begins. */
export type Paper = {
  doc: PDFKit.PDFDocument;
  language: PaperLanguage;
  facts: PaperFacts;
  y: number;
};

/** Nothing but the footer stands below this line. */
const BOTTOM = PAGE.height - 58;
const HAIR = 0.7;

const LABEL: TextStyle = { face: 'strong', size: 9, color: COLOR.brass, capitals: 1, smallest: 7.5 };
const BODY: TextStyle = { face: 'body', size: 10.5, color: COLOR.ink, leading: 1.45, lines: 6, smallest: 8 };
const STRONG: TextStyle = { ...BODY, face: 'strong' };
const SOFT: TextStyle = { ...BODY, size: 9.5, color: COLOR.soft };

/** Draws a paper of A4 pages in ink on white. The same input always gives the same bytes. */
export async function drawPaper(
  facts: PaperFacts,
  about: { title: string; language: PaperLanguage; issuedOn: string },
  draw: (paper: Paper) => void,
): Promise<Buffer> {
  const { title, language, issuedOn } = about;
  const issued = new Date(`${issuedOn}T00:00:00Z`);
  const { developer, project, reraNumber } = facts.issuer;
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    font: '',
    lang: language === 'hi' ? 'hi-IN' : 'en-IN',
    displayTitle: true,
    info: {
      Title: `${title}, ${project}`,
      Author: developer,
      Subject: reraNumber,
      CreationDate: issued,
      ModDate: issued,
    },
  });
  const written = collect(doc);
  registerFaces(doc);
  const paper: Paper = { doc, language, facts, y: 0 };
  openPage(paper);
  drawHead(paper, title);
  draw(paper);
  doc.end();
  return written;
}

/** Facts side by side, each a small label over its words. */
export function drawFacts(
  paper: Paper,
  facts: readonly { label: string; text: string; strong?: true }[],
): void {
  const gap = 16;
  const width = (CONTENT_WIDTH - gap * (facts.length - 1)) / facts.length;
  room(paper, 40);
  const bottoms = facts.map(({ label, text, strong }, index) => {
    const at = { x: MARGIN + index * (width + gap), width };
    const below = write(paper.doc, label, { ...at, y: paper.y }, LABEL);
    return write(paper.doc, text, { ...at, y: below + 1 }, { ...(strong ? STRONG : BODY), lines: 3 });
  });
  paper.y = Math.max(...bottoms) + 12;
}

/** A paragraph; `soft` for what explains, `strong` for what counts. */
export function drawText(paper: Paper, text: string, kind: 'body' | 'strong' | 'soft' = 'body'): void {
  const style = { body: BODY, strong: STRONG, soft: SOFT }[kind];
  room(paper, heightOf(paper.doc, text, CONTENT_WIDTH, style));
  paper.y = write(paper.doc, text, { x: MARGIN, y: paper.y, width: CONTENT_WIDTH }, style) + 6;
}

/** Items with their sums, and the total in a band. */
export function drawSums(
  paper: Paper,
  rows: readonly { label: string; sum: string }[],
  total: { label: string; sum: string },
): void {
  const { doc } = paper;
  const sumWidth = 150;
  const labelWidth = CONTENT_WIDTH - sumWidth - 32;
  const figures: TextStyle = { ...BODY, align: 'right', lines: 1 };
  line(paper, COLOR.brass);
  for (const { label, sum } of rows) {
    const height = heightOf(doc, label, labelWidth, BODY) + 9;
    room(paper, height);
    write(doc, label, { x: MARGIN + 10, y: paper.y + 4.5, width: labelWidth }, BODY);
    write(
      doc,
      sum,
      { x: MARGIN + CONTENT_WIDTH - sumWidth - 10, y: paper.y + 4.5, width: sumWidth },
      figures,
    );
    paper.y += height;
    line(paper, COLOR.line);
  }
  const label: TextStyle = { ...STRONG, size: 12, color: COLOR.ivory, lines: 1 };
  room(paper, 34);
  doc.rect(MARGIN, paper.y, CONTENT_WIDTH, 34).fill(COLOR.forest);
  write(doc, total.label, { x: MARGIN + 10, y: paper.y + 9, width: labelWidth }, label);
  const sumAt = { x: MARGIN + CONTENT_WIDTH - sumWidth - 10, y: paper.y + 8, width: sumWidth };
  write(doc, total.sum, sumAt, { ...label, size: 13.5, align: 'right' });
  paper.y += 34 + 10;
}

/** A tinted box with a heading, for what stands apart from the sum. */
export function drawBox(paper: Paper, heading: string, texts: readonly string[]): void {
  const { doc } = paper;
  const inside = CONTENT_WIDTH - 28;
  const small: TextStyle = { ...BODY, size: 9.8, lines: 8 };
  const heights = texts.map((text) => heightOf(doc, text, inside, small) + 3);
  const height = heights.reduce((total, each) => total + each, 13 + heightOf(doc, heading, inside, LABEL));
  room(paper, height);
  doc.rect(MARGIN, paper.y, CONTENT_WIDTH, height).fill(COLOR.sand);
  doc.rect(MARGIN, paper.y, 2.5, height).fill(COLOR.brass);
  let y = write(doc, heading, { x: MARGIN + 14, y: paper.y + 6, width: inside }, LABEL) + 2;
  for (const text of texts) y = write(doc, text, { x: MARGIN + 14, y, width: inside }, small) + 3;
  paper.y += height + 9;
}

/** A button that opens a page, with its address under it for who reads on paper. */
export function drawButton(paper: Paper, label: string, url: string): void {
  const { doc } = paper;
  const height = 30;
  const style: TextStyle = { face: 'strong', size: 11, color: COLOR.ivory, align: 'center' };
  room(paper, height + 22);
  doc.roundedRect(MARGIN, paper.y, 190, height, 15).fill(COLOR.pine);
  write(doc, label, { x: MARGIN + 10, y: paper.y + 7, width: 170 }, style);
  doc.link(MARGIN, paper.y, 190, height, url);
  const address: TextStyle = { ...SOFT, lines: 2, smallest: 7, color: COLOR.pine };
  const beside = { x: MARGIN + 204, width: CONTENT_WIDTH - 204 };
  const lines = heightOf(doc, url, beside.width, address);
  write(doc, url, { ...beside, y: paper.y + (height - lines) / 2 }, address);
  doc.link(beside.x, paper.y, beside.width, height, url);
  paper.y += height + 10;
}

function openPage({ doc, facts }: Paper): void {
  doc.addPage();
  const { reraNumber, reraWebsite } = facts.issuer;
  const style: TextStyle = { ...SOFT, size: 9, lines: 2, smallest: 6, leading: 1.3 };
  doc.rect(MARGIN, PAGE.height - 50, CONTENT_WIDTH, HAIR).fill(COLOR.line);
  const text = `RERA ${reraNumber}  ·  ${reraWebsite}`;
  write(doc, text, { x: MARGIN, y: PAGE.height - 43, width: CONTENT_WIDTH }, style);
}

function drawHead(paper: Paper, title: string): void {
  const { doc, facts, language } = paper;
  const { developer, project, address } = facts.issuer;
  const half = CONTENT_WIDTH * 0.6;
  const name: TextStyle = {
    face: 'display',
    size: 21,
    color: COLOR.forest,
    lines: 2,
    smallest: 12,
    leading: 1.2,
  };
  const right = { x: MARGIN + half + 12, width: CONTENT_WIDTH - half - 12 };
  const heading: TextStyle = {
    face: 'strong',
    size: 14,
    color: COLOR.brass,
    capitals: 2,
    lines: 2,
    smallest: 9,
  };
  const left = write(doc, developer, { x: MARGIN, y: 38, width: half }, name);
  write(doc, title, { ...right, y: 44 }, heading);
  const place: TextStyle = { ...SOFT, lines: 3 };
  paper.y =
    write(doc, `${project} · ${address}`, { x: MARGIN, y: left + 2, width: CONTENT_WIDTH }, place) + 8;
  doc.rect(MARGIN, paper.y, CONTENT_WIDTH, 1.4).fill(COLOR.brass);
  paper.y += 14;
  drawBuyers(paper);
  drawText(paper, unitInWords(facts.unit, language), 'strong');
}

function drawBuyers(paper: Paper): void {
  const { names, address } = paper.facts.buyers;
  drawText(paper, names.join(', '), 'strong');
  if (address === undefined) return;
  paper.y -= 5;
  drawText(paper, address, 'soft');
}

function line(paper: Paper, color: string): void {
  paper.doc.rect(MARGIN, paper.y, CONTENT_WIDTH, HAIR).fill(color);
  paper.y += HAIR;
}

/** Goes on to a further page when a part does not fit on this one. */
function room(paper: Paper, height: number): void {
  if (paper.y + height <= BOTTOM) return;
  openPage(paper);
  paper.y = 48;
}
