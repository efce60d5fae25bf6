import { chanceFrom } from './chance.ts';
import { type Area, COLOR, fade } from './sheet.ts';

type Doc = PDFKit.PDFDocument;
type Chance = () => number;
type Tower = { x: number; base: number; width: number; floors: number; bays: number };

const FLOOR_HEIGHT = 11.5;
const CROWN_HEIGHT = 48;

/** The towers at dusk, filling the area, with nothing above `clearTop`. The same `name` always gives the same city. */
export function drawDusk(doc: Doc, area: Area, name: string, clearTop: number): void {
  const chance = chanceFrom(name);
  const base = area.y + area.height;
  fade(doc, area, [
    [0, COLOR.night],
    [0.42, '#1A463C'],
    [0.7, '#6F8468'],
    [0.88, '#D9B67C'],
    [1, '#F0D9AE'],
  ]);
  doc.save().rect(area.x, area.y, area.width, area.height).clip();
  drawSun(doc, area.x + area.width * 0.69, base - area.height * 0.34);
  drawDistance(doc, area, base, chance, { height: area.height * 0.26, color: '#5E7C68', opacity: 0.45 });
  drawDistance(doc, area, base, chance, { height: area.height * 0.17, color: '#2F5A4D', opacity: 0.6 });
  for (const tower of towersIn(area, base - clearTop)) drawTower(doc, tower, chance);
  drawPodium(doc, area, base);
  drawTrees(doc, area, base, chance);
  doc.restore();
}

function drawSun(doc: Doc, x: number, y: number): void {
  for (const [radius, opacity] of [
    [150, 0.05],
    [110, 0.08],
    [74, 0.16],
  ] as const) {
    doc.circle(x, y, radius).fillOpacity(opacity).fill('#FFE9BF');
  }
  doc.fillOpacity(0.85).circle(x, y, 46).fill('#FBE3B3').fillOpacity(1);
}

function drawDistance(
  doc: Doc,
  area: Area,
  base: number,
  chance: Chance,
  look: { height: number; color: string; opacity: number },
): void {
  for (let x = area.x - 10; x < area.x + area.width; ) {
    const width = 16 + chance() * 34;
    const height = look.height * (0.35 + chance() * 0.65);
    doc.rect(x, base - height, width, height);
    if (chance() > 0.6) doc.rect(x + width / 2 - 1, base - height - 14, 2, 14);
    x += width + chance() * 5;
  }
  doc.fillOpacity(look.opacity).fill(look.color).fillOpacity(1);
}

function towersIn(area: Area, room: number): Tower[] {
  const tallest = Math.min(42, Math.floor((room - CROWN_HEIGHT) / FLOOR_HEIGHT));
  const base = area.y + area.height;
  const at = (share: number): number => area.x + area.width * share;
  return [
    { x: at(0.07), base, width: 82, floors: Math.round(tallest * 0.66), bays: 4 },
    { x: at(0.76), base, width: 88, floors: Math.round(tallest * 0.55), bays: 4 },
    { x: at(0.54), base, width: 98, floors: Math.round(tallest * 0.8), bays: 5 },
    { x: at(0.25), base, width: 118, floors: tallest, bays: 6 },
  ];
}

/** A tower of two faces: a lit front with balconies and windows, and a narrow side in shade. */
function drawTower(doc: Doc, tower: Tower, chance: Chance): void {
  const height = tower.floors * FLOOR_HEIGHT;
  const top = tower.base - height;
  const front = tower.width * 0.76;
  const side = tower.width - front;
  fade(doc, { x: tower.x, y: top, width: front, height }, [
    [0, '#2C6152'],
    [1, '#173D34'],
  ]);
  doc
    .polygon(
      [tower.x + front, top],
      [tower.x + tower.width, top + side * 0.45],
      [tower.x + tower.width, tower.base],
      [tower.x + front, tower.base],
    )
    .fill('#0F2E27');
  drawCrown(doc, tower.x, top, front);
  drawWindows(doc, tower, top, front, chance);
  drawBalconies(doc, tower, top, front);
}

function drawCrown(doc: Doc, x: number, top: number, width: number): void {
  doc.rect(x - 3, top - 4, width + 6, 4).fill(COLOR.glow);
  doc.rect(x + width * 0.2, top - 20, width * 0.6, 16).fill('#20503F');
  doc.rect(x + width * 0.2 - 2, top - 23, width * 0.6 + 4, 3).fill(COLOR.glow);
  doc.rect(x + width * 0.5 - 0.8, top - 48, 1.6, 25).fill('#20503F');
}

function drawWindows(doc: Doc, tower: Tower, top: number, front: number, chance: Chance): void {
  const bay = front / tower.bays;
  const panes: Record<'lit' | 'dim' | 'dark', [number, number][]> = { lit: [], dim: [], dark: [] };
  for (let floor = 0; floor < tower.floors - 2; floor++) {
    for (let column = 0; column < tower.bays; column++) {
      const light = chance();
      const kind = light > 0.72 ? 'lit' : light > 0.5 ? 'dim' : 'dark';
      panes[kind].push([tower.x + column * bay + bay * 0.18, top + floor * FLOOR_HEIGHT + 3.4]);
    }
  }
  const colors = { lit: '#FFE3A6', dim: '#B99A62', dark: '#3E7565' } as const;
  for (const kind of ['lit', 'dim', 'dark'] as const) {
    for (const [x, y] of panes[kind]) doc.rect(x, y, bay * 0.64, 5.6);
    if (panes[kind].length > 0) doc.fill(colors[kind]);
  }
}

function drawBalconies(doc: Doc, tower: Tower, top: number, front: number): void {
  for (let floor = 1; floor < tower.floors; floor++) {
    doc.rect(tower.x - 2.5, top + floor * FLOOR_HEIGHT - 1, front + 4, 1.1);
  }
  doc.fillOpacity(0.75).fill('#8FB29F').fillOpacity(1);
  for (let floor = 1; floor < tower.floors; floor++) {
    const y = top + floor * FLOOR_HEIGHT;
    doc.moveTo(tower.x + front, y).lineTo(tower.x + tower.width, y + (tower.width - front) * 0.45);
  }
  doc.lineWidth(0.7).strokeOpacity(0.6).stroke('#2C6152').strokeOpacity(1);
}

function drawPodium(doc: Doc, area: Area, base: number): void {
  const top = base - 46;
  doc.rect(area.x + area.width * 0.04, top, area.width * 0.92, 46).fill('#12352D');
  doc.rect(area.x + area.width * 0.03, top - 3, area.width * 0.94, 3).fill(COLOR.glow);
  const arches = 18;
  const step = (area.width * 0.9) / arches;
  for (let index = 0; index < arches; index++) {
    doc.roundedRect(area.x + area.width * 0.05 + index * step + step * 0.2, top + 11, step * 0.6, 22, 3);
  }
  doc.fillOpacity(0.9).fill('#F6D698').fillOpacity(1);
}

function drawTrees(doc: Doc, area: Area, base: number, chance: Chance): void {
  for (const [color, lift] of [
    ['#1C4A3C', 20],
    ['#0C2B24', 9],
  ] as const) {
    for (let x = area.x - 8; x < area.x + area.width + 20; x += 13 + chance() * 15) {
      const radius = 8 + chance() * 10;
      doc.circle(x, base - lift + 6 - chance() * 6, radius);
    }
    doc.fill(color);
  }
  doc.rect(area.x, base - 8, area.width, 8).fill('#0C2B24');
}
