import type { Point } from './copy.ts';
import { drawElevation } from './elevation.ts';
import { type TextStyle, write } from './lettering.ts';
import { areaRange, homesOf, kilometres, priceRange } from './phrases.ts';
import { COLOR, CONTENT_BOTTOM, MARGIN, openPage, PAGE, type Sheet } from './sheet.ts';

const PANEL_WIDTH = 176;
const COLUMN = { x: PANEL_WIDTH + 40, width: PAGE.width - PANEL_WIDTH - 40 - MARGIN } as const;

const SENTENCE: TextStyle = {
  face: 'body',
  size: 14,
  color: COLOR.soft,
  leading: 1.5,
  lines: 5,
  smallest: 10,
};
const NUMBER: TextStyle = { face: 'italic', size: 21, color: COLOR.brass, leading: 1.2 };
const TITLE: TextStyle = { face: 'strong', size: 10, color: COLOR.soft, capitals: 1.2 };
const TEXT: TextStyle = {
  face: 'display',
  size: 17,
  color: COLOR.ink,
  leading: 1.25,
  lines: 2,
  smallest: 10.5,
};

/** The project at a glance. Every line comes from the project's own data; nothing is claimed beyond it. */
export function drawOverview(sheet: Sheet): void {
  const { doc, project, copy } = sheet;
  drawElevation(doc, { x: 0, y: 0, width: PANEL_WIDTH, height: PAGE.height });
  const below = openPage(doc, copy.pages.overview, project.tagline, { ...COLUMN, lines: 4 });
  const homes = homesOf(project);
  const place = `${project.locality}, ${project.city}`;
  const sentence = copy.overview.sentence({ name: project.name, developer: project.developer, homes, place });
  const top = write(doc, sentence, { ...COLUMN, y: below + 12 }, SENTENCE);
  drawPoints(doc, highlightsOf(sheet), top + 24);
}

function highlightsOf({ project, copy, language }: Sheet): Point[] {
  const nearest = project.landmarks.toSorted((a, b) => a.distanceKm - b.distanceKm).slice(0, 2);
  const near = nearest.map(
    (each) => `${each.name} (${kilometres(each.distanceKm, copy.location.kilometres)})`,
  );
  return [
    { title: copy.homesLabel, text: homesOf(project) },
    { title: copy.overview.carpetAreas, text: `${areaRange(project)} ${copy.homes.squareFeet}` },
    { title: copy.priceLabel, text: priceRange(project, language) },
    { title: copy.overview.amenities, text: copy.overview.amenityCount(project.amenities.length) },
    ...(near.length > 0 ? [{ title: copy.overview.nearest, text: near.join(', ') }] : []),
    { title: copy.overview.possession, text: copy.overview.possessionText(project.possession) },
  ];
}

/** A numbered list that shares out the height left on the page. */
function drawPoints(doc: PDFKit.PDFDocument, points: Point[], top: number): void {
  const step = Math.min(82, (CONTENT_BOTTOM - 12 - top) / points.length);
  const column = { x: COLUMN.x + 48, width: COLUMN.width - 48 };
  for (const [index, point] of points.entries()) {
    const y = top + index * step;
    doc.rect(COLUMN.x, y, COLUMN.width, 0.7).fill(COLOR.line);
    write(doc, String(index + 1).padStart(2, '0'), { x: COLUMN.x, y: y + 10, width: 40 }, NUMBER);
    const below = write(doc, point.title, { ...column, y: y + 10 }, TITLE);
    write(doc, point.text, { ...column, y: below + 2 }, TEXT);
  }
}
