import { chanceFrom } from './chance.ts';
import { type Area, COLOR, fade } from './sheet.ts';

type Doc = PDFKit.PDFDocument;

const FOREGROUND = 78;

/** A garden at evening: hills, a pavilion by the water, trees. It fills the area, however high that is. */
export function drawGarden(doc: Doc, area: Area): void {
  const ground = area.y + area.height - FOREGROUND;
  fade(doc, { ...area, height: area.height - FOREGROUND + 1 }, [
    [0, '#F7F0E0'],
    [0.75, '#EBD5A6'],
    [1, '#E2C48A'],
  ]);
  doc.save().rect(area.x, area.y, area.width, area.height).clip();
  const room = Math.max(0, Math.min(ground - area.y, 190));
  doc
    .circle(area.width * 0.74, ground - room * 0.62, 26)
    .fillOpacity(0.8)
    .fill('#FFF6DF')
    .fillOpacity(1);
  drawHill(doc, area, ground, { left: room * 0.5, right: room * 0.34, color: '#BFC8A8' });
  drawHill(doc, area, ground, { left: room * 0.16, right: room * 0.44, color: '#8FAA90' });
  if (room > 60) drawPavilion(doc, area.width * 0.63, ground + 2, room / 190);
  drawTreeLine(doc, area, ground, room / 190);
  doc.rect(area.x, ground, area.width, FOREGROUND).fill(COLOR.forest);
  drawWater(doc, area, ground);
  doc.restore();
}

function drawHill(
  doc: Doc,
  area: Area,
  ground: number,
  hill: { left: number; right: number; color: string },
): void {
  doc
    .moveTo(area.x, ground - hill.left)
    .bezierCurveTo(
      area.width * 0.3,
      ground - hill.left * 1.5,
      area.width * 0.45,
      ground - hill.right * 0.2,
      area.width * 0.68,
      ground - hill.right,
    )
    .bezierCurveTo(
      area.width * 0.82,
      ground - hill.right * 1.45,
      area.width * 0.94,
      ground - hill.right,
      area.width,
      ground - hill.right * 0.7,
    )
    .lineTo(area.width, ground + 2)
    .lineTo(area.x, ground + 2)
    .fill(hill.color);
}

function drawPavilion(doc: Doc, x: number, ground: number, scale: number): void {
  const width = 128 * scale;
  const height = 46 * scale;
  doc.polygon(
    [x - 12 * scale, ground - height],
    [x + width / 2, ground - height - 26 * scale],
    [x + width + 12 * scale, ground - height],
  );
  doc.fill(COLOR.forest);
  doc.rect(x, ground - height, width, height).fill('#F9E3AE');
  for (let column = 0; column <= 6; column++)
    doc.rect(x + (column * (width - 3)) / 6, ground - height, 3, height);
  doc.fill(COLOR.pine);
  doc.rect(x - 8 * scale, ground - 5, width + 16 * scale, 7).fill(COLOR.forest);
}

function drawTreeLine(doc: Doc, area: Area, ground: number, scale: number): void {
  const chance = chanceFrom('garden');
  const size = Math.min(0.55 + scale * 0.45, (scale * 190) / 92);
  for (let x = area.x + 4; x < area.width; x += 30 + chance() * 34) {
    if (x > area.width * 0.58 && x < area.width * 0.9) continue;
    const height = (26 + chance() * 52) * size;
    const radius = height * 0.42;
    const color = chance() > 0.5 ? COLOR.pine : COLOR.moss;
    doc.rect(x - 1.2, ground - height * 0.6, 2.4, height * 0.6 + 2).fill(COLOR.night);
    doc.ellipse(x, ground - height * 0.85, radius * 0.8, radius * 1.15).fill(color);
  }
}

/** Ripples on the dark foreground, which the footer stands on. */
function drawWater(doc: Doc, area: Area, ground: number): void {
  for (const [share, width, drop] of [
    [0.08, 90, 9],
    [0.3, 60, 6],
    [0.44, 110, 12],
    [0.2, 70, 16],
  ] as const) {
    doc.rect(area.width * share, ground + drop, width, 1);
  }
  doc.fillOpacity(0.45).fill(COLOR.glow).fillOpacity(1);
}
