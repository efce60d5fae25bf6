import PDFDocument from 'pdfkit';
import { drawAmenities } from './brochure/amenities.ts';
import { copyIn, type Language } from './brochure/copy.ts';
import { drawCover } from './brochure/cover.ts';
import { drawFooter, type Ground } from './brochure/footer.ts';
import { drawHomes } from './brochure/homes.ts';
import { drawLocation } from './brochure/location.ts';
import { drawOverview } from './brochure/overview.ts';
import { COLOR, PAGE, type Sheet } from './brochure/sheet.ts';
import { drawVisit } from './brochure/visit.ts';
import { collect } from './collect.ts';
import { registerFaces } from './fonts.ts';
import type { Project } from './project.ts';

/**
 * A project's brochure as a PDF of A4 pages: cover, overview, homes and prices, amenities, location (only when the
 * project names landmarks) and how to visit. Every page carries the RERA number and website (RERA Act 2016, s. 11(2)),
 * and nothing is said about the project beyond its data. The same input always gives the same bytes.
 */
export async function renderBrochure(
  project: Project,
  options: { language: Language; issuedOn: Date },
): Promise<Buffer> {
  const copy = copyIn(options.language);
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    font: '',
    lang: copy.locale,
    displayTitle: true,
    info: {
      Title: project.name,
      Author: project.developer,
      Subject: `${copy.reraNumber} ${project.reraNumber}`,
      CreationDate: options.issuedOn,
      ModDate: options.issuedOn,
    },
  });
  const written = collect(doc);
  registerFaces(doc);
  drawPages({ doc, project, copy, ...options });
  doc.end();
  return written;
}

function drawPages(sheet: Sheet): void {
  const pages: { draw: (sheet: Sheet) => void; ground: Ground }[] = [
    { draw: drawCover, ground: 'cover' },
    { draw: drawOverview, ground: 'panel' },
    { draw: drawHomes, ground: 'light' },
    { draw: drawAmenities, ground: 'dark' },
    ...(sheet.project.landmarks.length > 0 ? [{ draw: drawLocation, ground: 'light' } as const] : []),
    { draw: drawVisit, ground: 'light' },
  ];
  for (const [index, { draw, ground }] of pages.entries()) {
    sheet.doc.addPage();
    sheet.doc.rect(0, 0, PAGE.width, PAGE.height).fill(COLOR.ivory);
    draw(sheet);
    drawFooter(sheet, { number: index + 1, ground });
  }
}
