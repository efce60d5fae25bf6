import { chanceFrom } from './chance.ts';
import { type TextStyle, write } from './lettering.ts';
import { kilometres } from './phrases.ts';
import { type Placement, place, polar } from './placement.ts';
import { type Area, COLOR, type Sheet } from './sheet.ts';

type Doc = PDFKit.PDFDocument;
type Centre = { x: number; y: number };

const NUMBER: TextStyle = { face: 'strong', size: 11.5, color: '#FFFFFF', align: 'center' };
const RING_LABEL: TextStyle = { face: 'strong', size: 10, color: COLOR.brass, align: 'center', smallest: 6 };
const PROJECT_NAME: TextStyle = { face: 'strong', size: 11, color: '#FFFFFF', align: 'center', smallest: 7 };
const NORTH: TextStyle = { face: 'strong', size: 9.5, color: COLOR.ink, align: 'center' };
const LAND = '#EFEADC';
const STREET = '#F8F5EC';
const ROAD_EDGE = '#DCCFB2';

/** A map of the neighbourhood: the project in the middle, its landmarks by direction and distance, north up. */
export function drawMap(sheet: Sheet, area: Area): void {
  const { doc, project } = sheet;
  const centre = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  const placement = place(project.landmarks, Math.min(area.width, area.height) / 2 - 22);
  doc.save().roundedRect(area.x, area.y, area.width, area.height, 10).clip();
  drawLand(doc, area, centre, project.slug);
  drawRoads(doc, area, centre, placement);
  drawRings(sheet, centre, placement);
  for (const [index, each] of placement.pins.entries()) drawPin(doc, centre, each, index + 1);
  drawProject(sheet, centre);
  drawNorth(doc, { x: area.x + area.width - 34, y: area.y + 40 });
  doc.restore();
  doc.roundedRect(area.x, area.y, area.width, area.height, 10).lineWidth(1).stroke(COLOR.line);
}

/** The disc with a landmark's number, as on the map and in its list. */
export function drawNumber(doc: Doc, number: number, at: Centre): void {
  doc.lineWidth(1.8).circle(at.x, at.y, 11.5).fillAndStroke(COLOR.forest, '#FFFFFF');
  write(doc, String(number), { x: at.x - 11, y: at.y - 8, width: 22 }, NUMBER);
}

/** Blocks, side streets and greens, which only suggest a town. */
function drawLand(doc: Doc, area: Area, centre: Centre, name: string): void {
  const chance = chanceFrom(name);
  doc.rect(area.x, area.y, area.width, area.height).fill(LAND);
  const tilt = 12 + chance() * 22;
  doc.save().rotate(tilt, { origin: [centre.x, centre.y] });
  const reach = Math.max(area.width, area.height);
  for (let offset = -reach; offset < reach; offset += 30 + chance() * 12) {
    doc.rect(centre.x - reach, centre.y + offset, reach * 2, 2.4);
    doc.rect(centre.x + offset + chance() * 10, centre.y - reach, 2.4, reach * 2);
  }
  doc.fill(STREET);
  doc.restore();
  for (let green = 0; green < 7; green++) {
    const spot = polar(green * 51 + chance() * 30, reach * (0.16 + chance() * 0.36));
    doc.roundedRect(
      centre.x + spot.x - 26,
      centre.y + spot.y - 20,
      40 + chance() * 34,
      30 + chance() * 26,
      13,
    );
  }
  doc.fillOpacity(0.75).fill('#CFDCC3').fillOpacity(1);
}

/** Two avenues that cross at the project, and a road towards each landmark: first their edges, then their surface. */
function drawRoads(doc: Doc, area: Area, centre: Centre, placement: Placement): void {
  doc.lineCap('round');
  for (const [width, color] of [
    [7.5, ROAD_EDGE],
    [5.5, '#FFFFFF'],
  ] as const) {
    traceAvenues(doc, area, centre);
    for (const [index, { spot }] of placement.pins.entries()) {
      const bend = index % 2 === 0 ? 0.14 : -0.14;
      const middle = { x: spot.x / 2 - spot.y * bend, y: spot.y / 2 + spot.x * bend };
      doc.moveTo(centre.x, centre.y);
      doc.quadraticCurveTo(centre.x + middle.x, centre.y + middle.y, centre.x + spot.x, centre.y + spot.y);
    }
    doc.lineWidth(width).stroke(color);
  }
}

function traceAvenues(doc: Doc, area: Area, { x, y }: Centre): void {
  doc.moveTo(area.x, y + 62).bezierCurveTo(x - 120, y + 50, x - 60, y + 10, x, y);
  doc.bezierCurveTo(x + 80, y - 14, x + 140, y - 70, area.x + area.width, y - 84);
  doc.moveTo(x - 66, area.y).bezierCurveTo(x - 50, y - 90, x - 12, y - 50, x, y);
  doc.bezierCurveTo(x + 14, y + 60, x + 60, y + 110, x + 58, area.y + area.height);
}

function drawRings({ doc, copy }: Sheet, centre: Centre, placement: Placement): void {
  for (const ring of placement.rings) doc.circle(centre.x, centre.y, ring.radius);
  doc.lineWidth(0.9).dash(3, { space: 4 }).strokeOpacity(0.8).stroke(COLOR.brass).undash().strokeOpacity(1);
  for (const ring of placement.rings) {
    const spot = polar(placement.labelBearingDeg, ring.radius);
    const x = centre.x + spot.x;
    const y = centre.y + spot.y;
    doc.roundedRect(x - 23, y - 8.5, 46, 17, 8.5).fill('#FFFFFF');
    const distance = kilometres(ring.distanceKm, copy.location.kilometres);
    write(doc, distance, { x: x - 21, y: y - 7, width: 42 }, RING_LABEL);
  }
}

function drawPin(doc: Doc, centre: Centre, { spot, pin }: Placement['pins'][number], number: number): void {
  const at = { x: centre.x + pin.x, y: centre.y + pin.y };
  if (Math.hypot(pin.x - spot.x, pin.y - spot.y) > 6) {
    doc
      .moveTo(at.x, at.y)
      .lineTo(centre.x + spot.x, centre.y + spot.y)
      .lineWidth(1)
      .stroke(COLOR.forest);
    doc.circle(centre.x + spot.x, centre.y + spot.y, 2.6).fill(COLOR.forest);
  }
  drawNumber(doc, number, at);
}

function drawProject({ doc, project }: Sheet, { x, y }: Centre): void {
  doc.circle(x, y, 24).fillOpacity(0.25).fill(COLOR.brass).fillOpacity(1);
  doc.circle(x, y, 16).lineWidth(2).fillAndStroke(COLOR.brass, '#FFFFFF');
  doc
    .rect(x - 6, y - 4, 5, 11)
    .rect(x, y - 9, 6, 16)
    .fill('#FFFFFF');
  doc.roundedRect(x - 66, y + 23, 132, 20, 10).fill(COLOR.ink);
  write(doc, project.name, { x: x - 60, y: y + 25.5, width: 120 }, PROJECT_NAME);
}

function drawNorth(doc: Doc, { x, y }: Centre): void {
  doc.circle(x, y, 20).fillOpacity(0.92).fill('#FFFFFF').fillOpacity(1);
  doc.polygon([x, y - 15], [x + 5.5, y + 3], [x, y]).fill(COLOR.brass);
  doc.polygon([x, y - 15], [x - 5.5, y + 3], [x, y]).fill(COLOR.forest);
  write(doc, 'N', { x: x - 8, y: y + 3, width: 16 }, NORTH);
}
