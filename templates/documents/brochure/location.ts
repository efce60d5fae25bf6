import { heightOf, type TextStyle, write } from './lettering.ts';
import { drawMap, drawNumber } from './map.ts';
import { kilometres } from './phrases.ts';
import { COLOR, CONTENT_BOTTOM, CONTENT_WIDTH, MARGIN, openPage, type Sheet } from './sheet.ts';

const COLUMNS = 2;
const GAP = 28;
const COLUMN_WIDTH = (CONTENT_WIDTH - GAP) / COLUMNS;
const ROW_HEIGHT = 35;
const NAME: TextStyle = { face: 'body', size: 13, color: COLOR.ink, leading: 1.2, lines: 2, smallest: 9 };
const DISTANCE: TextStyle = { face: 'strong', size: 13, color: COLOR.brass, align: 'right', smallest: 8 };
const NOTE: TextStyle = { face: 'italic', size: 10.5, color: COLOR.soft };

/** The map with the list of its landmarks. Only for projects that name at least one. */
export function drawLocation(sheet: Sheet): void {
  const { doc, project, copy } = sheet;
  const top = openPage(doc, copy.pages.location, copy.location.title(project.locality)) + 18;
  const rows = Math.ceil(project.landmarks.length / COLUMNS);
  const listTop = CONTENT_BOTTOM - 30 - rows * ROW_HEIGHT;
  drawMap(sheet, { x: MARGIN, y: top, width: CONTENT_WIDTH, height: listTop - top - 18 });
  drawList(sheet, listTop, rows);
  write(doc, copy.location.note, { x: MARGIN, y: CONTENT_BOTTOM - 18, width: CONTENT_WIDTH }, NOTE);
}

function drawList({ doc, project, copy }: Sheet, top: number, rows: number): void {
  for (const [index, landmark] of project.landmarks.entries()) {
    const x = MARGIN + Math.floor(index / rows) * (COLUMN_WIDTH + GAP);
    const y = top + (index % rows) * ROW_HEIGHT;
    const name = { x: x + 33, width: COLUMN_WIDTH - 33 - 66 };
    const nameHeight = heightOf(doc, landmark.name, name.width, NAME);
    const distance = kilometres(landmark.distanceKm, copy.location.kilometres);
    drawNumber(doc, index + 1, { x: x + 12, y: y + ROW_HEIGHT / 2 });
    write(doc, landmark.name, { ...name, y: y + (ROW_HEIGHT - nameHeight) / 2 - 1 }, NAME);
    write(doc, distance, { x: x + COLUMN_WIDTH - 62, y: y + 8, width: 62 }, DISTANCE);
    doc.rect(x, y + ROW_HEIGHT - 1, COLUMN_WIDTH, 0.7).fill(COLOR.line);
  }
}
