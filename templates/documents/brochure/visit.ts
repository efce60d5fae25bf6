import { heightOf, type TextStyle, write } from './lettering.ts';
import { COLOR, CONTENT_BOTTOM, CONTENT_WIDTH, MARGIN, openPage, type Sheet } from './sheet.ts';

const GAP = 24;

const CARD_HEIGHT = 188;
const STEP_NUMBER: TextStyle = { face: 'italic', size: 40, color: COLOR.brass, leading: 1.1 };
const STEP_TITLE: TextStyle = {
  face: 'display',
  size: 17,
  color: COLOR.ink,
  leading: 1.25,
  lines: 2,
  smallest: 13,
};
const STEP_TEXT: TextStyle = { face: 'body', size: 12, color: COLOR.soft, lines: 4, smallest: 9.5 };
const FACT_LABEL: TextStyle = { face: 'strong', size: 10, color: COLOR.glow, capitals: 1.2 };
const FACT: TextStyle = { face: 'body', size: 13.5, color: '#FFFFFF', smallest: 9 };
const BUTTON: TextStyle = { face: 'strong', size: 13, color: COLOR.night, align: 'center' };
const REGISTRATION_LABEL: TextStyle = { face: 'strong', size: 10.5, color: COLOR.brass, capitals: 1.4 };
const REGISTRATION: TextStyle = {
  face: 'strong',
  size: 18,
  color: COLOR.ink,
  leading: 1.3,
  lines: 5,
  smallest: 7,
};
const WEBSITE: TextStyle = { face: 'body', size: 12, color: COLOR.pine, lines: 2, smallest: 9 };
const NOTE_HEADING: TextStyle = { face: 'strong', size: 10.5, color: COLOR.soft };
const NOTE: TextStyle = { face: 'body', size: 12, color: COLOR.soft, leading: 1.45, lines: 40 };

/** The back page: how to come and see the project, its registration, and what the buyer should know. */
export function drawVisit(sheet: Sheet): void {
  const { doc, copy } = sheet;
  let y = openPage(doc, copy.pages.visit, copy.visit.title) + 24;
  y = drawSteps(sheet, y) + 24;
  y = drawCard(sheet, y) + 24;
  y = drawRegistration(sheet, y) + 20;
  drawDisclaimer(sheet, y);
}

function drawSteps({ doc, copy }: Sheet, top: number): number {
  const width = (CONTENT_WIDTH - 2 * GAP) / 3;
  const ends = copy.visit.steps.map((step, index) => {
    const at = { x: MARGIN + index * (width + GAP), width };
    const numberEnd = write(doc, String(index + 1), { ...at, y: top }, STEP_NUMBER);
    const titleEnd = write(doc, step.title, { ...at, y: numberEnd + 4 }, STEP_TITLE);
    return write(doc, step.text, { ...at, y: titleEnd + 5 }, STEP_TEXT);
  });
  return Math.max(...ends);
}

/** Hours, host and address on a dark card, with a button that opens the map. */
function drawCard(sheet: Sheet, top: number): number {
  const { doc, project, copy } = sheet;
  doc.roundedRect(MARGIN, top, CONTENT_WIDTH, CARD_HEIGHT, 10).fill(COLOR.forest);
  const left = { x: MARGIN + 26, width: 196 };
  const right = { x: MARGIN + 252, width: CONTENT_WIDTH - 252 - 26 };
  drawFact(doc, copy.visit.hours, visitingHours(sheet), { ...left, y: top + 24, lines: 3 });
  drawFact(doc, copy.visit.host, project.associate.name, { ...left, y: top + 108, lines: 2 });
  drawFact(doc, copy.visit.address, project.address, { ...right, y: top + 24, lines: 4 });
  const button = { x: right.x, y: top + CARD_HEIGHT - 60, width: 168, height: 36 };
  doc.roundedRect(button.x, button.y, button.width, button.height, 18).fill(COLOR.glow);
  const inside = { x: button.x + 10, y: button.y + 9, width: button.width - 20 };
  write(doc, copy.visit.openMap, inside, BUTTON);
  doc.link(button.x, button.y, button.width, button.height, project.mapUrl);
  return top + CARD_HEIGHT;
}

function drawFact(
  doc: PDFKit.PDFDocument,
  label: string,
  text: string,
  at: { x: number; y: number; width: number; lines: number },
): void {
  const below = write(doc, label, at, FACT_LABEL);
  write(doc, text, { ...at, y: below + 2 }, { ...FACT, lines: at.lines });
}

function visitingHours({ project, copy }: Sheet): string {
  const { fromHour, toHour, closedWeekdays } = project.visits;
  const open = copy.visit.openDays(copy.visit.hour(fromHour), copy.visit.hour(toHour));
  const days = [...new Set(closedWeekdays)].sort().map((weekday) => weekdayName(weekday, copy.locale));
  return days.length > 0 ? `${open} · ${copy.visit.closed(days.join(', '))}` : open;
}

/** The name of an ISO weekday, 1 being Monday. */
function weekdayName(weekday: number, locale: string): string {
  const date = new Date(Date.UTC(2024, 0, weekday));
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

function drawRegistration({ doc, project, copy }: Sheet, top: number): number {
  const at = { x: MARGIN, width: CONTENT_WIDTH };
  doc.rect(MARGIN, top, CONTENT_WIDTH, 1).fill(COLOR.brass);
  let y = write(doc, copy.visit.registration, { ...at, y: top + 14 }, REGISTRATION_LABEL);
  y = write(doc, project.reraNumber, { ...at, y: y + 2 }, REGISTRATION);
  const below = write(doc, copy.visit.verify(project.reraWebsite), { ...at, y: y + 1 }, WEBSITE);
  doc.link(MARGIN, y, CONTENT_WIDTH, below - y, webAddress(project.reraWebsite));
  return below;
}

function webAddress(website: string): string {
  return /^https?:\/\//i.test(website) ? website : `https://${website}`;
}

/** The disclaimer takes the room that is left, in the largest type that fits. */
function drawDisclaimer({ doc, copy, issuedOn }: Sheet, top: number): void {
  const at = { x: MARGIN, width: CONTENT_WIDTH };
  const y = write(doc, copy.visit.important, { ...at, y: top }, NOTE_HEADING) + 2;
  const date = new Intl.DateTimeFormat(copy.locale, { dateStyle: 'long', timeZone: 'Asia/Kolkata' });
  const text = [...copy.disclaimer, copy.visit.issued(date.format(issuedOn))].join(' ');
  let size = NOTE.size;
  while (size > 6.5 && heightOf(doc, text, at.width, { ...NOTE, size }) > CONTENT_BOTTOM - y) size -= 0.25;
  write(doc, text, { ...at, y }, { ...NOTE, size });
}
