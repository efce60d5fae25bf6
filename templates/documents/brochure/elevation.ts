import { type Area, COLOR, fade } from './sheet.ts';

type Doc = PDFKit.PDFDocument;

/** An architect's line drawing of the towers, in brass on deep green, standing on the bottom of the area. */
export function drawElevation(doc: Doc, area: Area): void {
  fade(doc, area, [
    [0, COLOR.night],
    [1, COLOR.pine],
  ]);
  doc.save().rect(area.x, area.y, area.width, area.height).clip();
  drawCompassSweep(doc, area);
  const ground = area.y + area.height - 118;
  doc.lineWidth(0.7).strokeColor(COLOR.glow);
  drawOutline(doc, { x: area.x + area.width * 0.62, ground, width: area.width * 0.3, floors: 22, bays: 3 });
  drawOutline(doc, { x: area.x + area.width * 0.14, ground, width: area.width * 0.4, floors: 34, bays: 4 });
  drawGround(doc, area, ground);
  doc.restore();
}

/** Construction circles and an axis, as a draughtsman leaves them on the sheet. */
function drawCompassSweep(doc: Doc, area: Area): void {
  const x = area.x + area.width * 0.34;
  const y = area.y + area.height * 0.3;
  for (const radius of [52, 104, 156, 208, 260]) doc.circle(x, y, radius);
  doc.moveTo(x, area.y).lineTo(x, area.y + area.height);
  doc.lineWidth(0.5).strokeOpacity(0.16).stroke(COLOR.glow).strokeOpacity(1);
}

function drawOutline(
  doc: Doc,
  tower: { x: number; ground: number; width: number; floors: number; bays: number },
): void {
  const storey = 14;
  const top = tower.ground - tower.floors * storey;
  const bay = tower.width / tower.bays;
  doc.rect(tower.x, top, tower.width, tower.floors * storey).fillAndStroke(COLOR.forest, COLOR.glow);
  for (let floor = 1; floor < tower.floors; floor++) {
    const y = top + floor * storey;
    doc.moveTo(tower.x - 3, y).lineTo(tower.x + tower.width + 3, y);
    for (let column = 0; column < tower.bays; column++) {
      // Balconies alternate from floor to floor, which gives the facade its weave.
      if ((floor + column) % 2 === 0)
        doc.rect(tower.x + column * bay + 3, y - storey + 3.5, bay - 6, storey - 6);
      else
        doc
          .moveTo(tower.x + (column + 0.5) * bay, y - storey + 3)
          .lineTo(tower.x + (column + 0.5) * bay, y - 2);
    }
  }
  doc.strokeOpacity(0.75).stroke(COLOR.glow).strokeOpacity(1);
  doc.rect(tower.x + bay * 0.5, top - 18, tower.width - bay, 18).stroke(COLOR.glow);
  doc
    .moveTo(tower.x + tower.width / 2, top - 18)
    .lineTo(tower.x + tower.width / 2, top - 46)
    .stroke(COLOR.glow);
}

function drawGround(doc: Doc, area: Area, ground: number): void {
  doc
    .moveTo(area.x, ground)
    .lineTo(area.x + area.width, ground)
    .lineWidth(1.2)
    .stroke(COLOR.glow);
  doc.lineWidth(0.7);
  for (const [share, size] of [
    [0.06, 17],
    [0.57, 13],
    [0.95, 20],
  ] as const) {
    const x = area.x + area.width * share;
    doc.circle(x, ground - size * 1.9, size).fillAndStroke(COLOR.pine, COLOR.glow);
    doc
      .moveTo(x, ground)
      .lineTo(x, ground - size * 1.9)
      .stroke(COLOR.glow);
  }
}
