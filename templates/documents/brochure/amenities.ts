import type { Copy } from './copy.ts';
import { drawGarden } from './garden.ts';
import { drawIcon } from './icons.ts';
import { heightOf, type TextStyle, write } from './lettering.ts';
import { COLOR, CONTENT_WIDTH, MARGIN, openPage, PAGE, type Sheet } from './sheet.ts';

const COLUMNS = 3;
const GAP = 14;
const CELL_WIDTH = (CONTENT_WIDTH - GAP * (COLUMNS - 1)) / COLUMNS;
const SMALLEST_GARDEN = 108;
const NAME: TextStyle = { face: 'body', size: 12.5, color: COLOR.ink, leading: 1.25, lines: 3, smallest: 9 };
const NOTE: TextStyle = { face: 'italic', size: 9.5, color: COLOR.mist, align: 'right' };

/** The amenities in three columns with a drawing each, over a garden that takes whatever height is left. */
export function drawAmenities(sheet: Sheet): void {
  const { doc, project, copy } = sheet;
  const top = openPage(doc, copy.pages.amenities, copy.amenities.title) + 24;
  const rows = Math.ceil(project.amenities.length / COLUMNS);
  const rowHeight = Math.min(74, (PAGE.height - SMALLEST_GARDEN - 20 - top) / rows);
  for (const [index, amenity] of project.amenities.entries()) {
    const x = MARGIN + (index % COLUMNS) * (CELL_WIDTH + GAP);
    drawCell(doc, amenity, copy, { x, y: top + Math.floor(index / COLUMNS) * rowHeight, height: rowHeight });
  }
  const gardenTop = top + rows * rowHeight + 20;
  drawGarden(doc, { x: 0, y: gardenTop, width: PAGE.width, height: PAGE.height - gardenTop });
  write(doc, copy.amenities.note, { x: MARGIN, y: PAGE.height - 68, width: CONTENT_WIDTH }, NOTE);
}

function drawCell(
  doc: PDFKit.PDFDocument,
  amenity: string,
  copy: Copy,
  cell: { x: number; y: number; height: number },
): void {
  const middle = cell.y + cell.height / 2 - 4;
  const radius = 19;
  doc.circle(cell.x + radius, middle, radius).fill(COLOR.mist);
  drawIcon(doc, amenity, { x: cell.x + radius, y: middle, size: 22 });
  const name = copy.amenities.named[amenity.trim().toLowerCase()] ?? amenity;
  const x = cell.x + radius * 2 + 11;
  const width = CELL_WIDTH - radius * 2 - 11;
  write(doc, name, { x, y: middle - heightOf(doc, name, width, NAME) / 2, width }, NAME);
}
