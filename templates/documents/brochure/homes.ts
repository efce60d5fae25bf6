import type { Project } from '../project.ts';
import { type TextStyle, write } from './lettering.ts';
import { exactPrices, squareFeet, squareMetres, squareMetresIn } from './phrases.ts';
import {
  type Area,
  COLOR,
  CONTENT_BOTTOM,
  CONTENT_WIDTH,
  fade,
  MARGIN,
  openPage,
  PAGE,
  type Sheet,
} from './sheet.ts';

type Configuration = Project['configurations'][number];

const ROW_HEIGHT = 46;
const SQUARE_GAP = 22;
const LABEL_HEIGHT = 50;
const COLUMNS = {
  type: { x: MARGIN + 16, width: 90 },
  squareFeet: { x: MARGIN + 116, width: 76 },
  squareMetres: { x: MARGIN + 200, width: 76 },
  price: { x: MARGIN + 286, width: CONTENT_WIDTH - 286 - 16 },
} as const;

const HEADING: TextStyle = { face: 'strong', size: 11, color: COLOR.glow, leading: 1.25, smallest: 8 };
const UNIT: TextStyle = { ...HEADING, face: 'body', size: 10, color: COLOR.sage, align: 'right' };
const NAME: TextStyle = { face: 'strong', size: 15, color: COLOR.ink };
const NUMBER: TextStyle = { face: 'body', size: 13, color: COLOR.ink, align: 'right' };
const PRICE: TextStyle = { ...NUMBER, face: 'strong', color: COLOR.forest, smallest: 8 };
const NOTE: TextStyle = { face: 'body', size: 10, color: COLOR.soft, lines: 3, smallest: 8.5 };
const CAPTION: TextStyle = { face: 'italic', size: 14, color: COLOR.forest, lines: 2 };
const LABEL: TextStyle = { face: 'strong', size: 12, color: COLOR.ink, align: 'center', leading: 1.35 };
const LABEL_AREA: TextStyle = { ...LABEL, face: 'body', size: 11, color: COLOR.soft };

/** The kinds of home with carpet areas and exact prices, and below them the areas as squares of one scale. */
export function drawHomes(sheet: Sheet): void {
  const { doc, project, copy } = sheet;
  let y = openPage(doc, copy.pages.homes, copy.homes.title) + 22;
  y = drawHeader(sheet, y);
  for (const [index, configuration] of project.configurations.entries()) {
    drawRow(doc, configuration, y, index % 2 === 0);
    y += ROW_HEIGHT;
  }
  doc.rect(MARGIN, y, CONTENT_WIDTH, 1).fill(COLOR.brass);
  y = write(doc, copy.homes.note, { x: MARGIN, y: y + 10, width: CONTENT_WIDTH }, NOTE) + 26;
  drawComparison(sheet, { x: 0, y, width: PAGE.width, height: PAGE.height - y });
}

function drawHeader({ doc, copy }: Sheet, y: number): number {
  const height = 40;
  doc.rect(MARGIN, y, CONTENT_WIDTH, height).fill(COLOR.forest);
  write(doc, copy.homes.type, { ...COLUMNS.type, y: y + 13 }, HEADING);
  const both = { x: COLUMNS.squareFeet.x, width: COLUMNS.price.x - 10 - COLUMNS.squareFeet.x };
  write(doc, copy.homes.carpetArea, { ...both, y: y + 6 }, { ...HEADING, align: 'right' });
  write(doc, copy.homes.squareFeet, { ...COLUMNS.squareFeet, y: y + 22 }, UNIT);
  write(doc, copy.homes.squareMetres, { ...COLUMNS.squareMetres, y: y + 22 }, UNIT);
  write(doc, copy.homes.price, { ...COLUMNS.price, y: y + 13 }, { ...HEADING, align: 'right' });
  return y + height;
}

function drawRow(doc: PDFKit.PDFDocument, configuration: Configuration, y: number, tinted: boolean): void {
  doc.rect(MARGIN, y, CONTENT_WIDTH, ROW_HEIGHT).fill(tinted ? COLOR.sand : COLOR.ivory);
  write(doc, nameOf(configuration), { ...COLUMNS.type, y: y + 12 }, NAME);
  write(doc, squareFeet(configuration.carpetAreaSqFt), { ...COLUMNS.squareFeet, y: y + 14 }, NUMBER);
  write(doc, squareMetres(configuration.carpetAreaSqFt), { ...COLUMNS.squareMetres, y: y + 14 }, NUMBER);
  write(doc, exactPrices(configuration), { ...COLUMNS.price, y: y + 14 }, PRICE);
}

/** One square per home on a common ground line, each ruled into square metres, so that the eye compares rightly. */
function drawComparison(sheet: Sheet, area: Area): void {
  const { doc, project, copy } = sheet;
  fade(doc, area, [
    [0, COLOR.mist],
    [1, '#F7F5EC'],
  ]);
  const captionAt = { x: MARGIN, y: area.y + 20, width: CONTENT_WIDTH };
  const top = write(doc, copy.homes.toScale, captionAt, CAPTION) + 14;
  const sidesM = project.configurations.map((each) => Math.sqrt(squareMetresIn(each.carpetAreaSqFt)));
  const room = CONTENT_BOTTOM - LABEL_HEIGHT - top;
  const widest = (CONTENT_WIDTH - (sidesM.length - 1) * SQUARE_GAP) / sum(sidesM);
  const pointsPerMetre = Math.min(widest, Math.min(room, 230) / Math.max(...sidesM));
  const ground = top + (room + pointsPerMetre * Math.max(...sidesM)) / 2;
  const gap = (CONTENT_WIDTH - sum(sidesM) * pointsPerMetre) / sidesM.length;
  let x = MARGIN + gap / 2;
  for (const [index, configuration] of project.configurations.entries()) {
    const side = (sidesM[index] ?? 0) * pointsPerMetre;
    drawSquare(doc, { x, y: ground - side, width: side, height: side }, pointsPerMetre);
    drawSquareLabel(sheet, configuration, { x: x - gap / 2, y: ground + 8, width: side + gap });
    x += side + gap;
  }
  doc.rect(MARGIN, ground, CONTENT_WIDTH, 1).fill(COLOR.forest);
}

function drawSquare(doc: PDFKit.PDFDocument, square: Area, pointsPerMetre: number): void {
  const wash = doc.linearGradient(square.x, square.y, square.x + square.width, square.y + square.height);
  wash.stop(0, COLOR.moss).stop(1, COLOR.forest);
  doc.rect(square.x, square.y, square.width, square.height).fill(wash);
  for (let offset = pointsPerMetre; offset < square.width; offset += pointsPerMetre) {
    doc.moveTo(square.x + offset, square.y).lineTo(square.x + offset, square.y + square.height);
    const y = square.y + square.height - offset;
    doc.moveTo(square.x, y).lineTo(square.x + square.width, y);
  }
  doc.lineWidth(0.5).strokeOpacity(0.35).stroke(COLOR.glow).strokeOpacity(1);
}

function drawSquareLabel(
  { doc, copy }: Sheet,
  configuration: Configuration,
  at: { x: number; y: number; width: number },
): void {
  const below = write(doc, nameOf(configuration), at, LABEL);
  const area = `${squareFeet(configuration.carpetAreaSqFt)} ${copy.homes.squareFeet}`;
  write(doc, area, { ...at, y: below }, LABEL_AREA);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `3BHK` as it is read: `3 BHK`. */
function nameOf(configuration: Configuration): string {
  return configuration.name.replace('BHK', ' BHK');
}
