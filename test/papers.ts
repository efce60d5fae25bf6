import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

/** Invented papers: drawn from plain shapes, so that no typeface and nobody's document is needed. */

const CARD = { width: 1600, height: 1000 };

/** A picture of an identity card on a table, sharp and well lit, before anything is done to it. */
export async function card(size: { width: number; height: number } = CARD): Promise<Buffer> {
  const drawn = sharp(Buffer.from(cardSvg())).resize(size.width, size.height, { fit: 'fill' });
  return drawn.removeAlpha().png().toBuffer();
}

/** A scanned page: black print on white paper that fills the frame. */
export async function page(): Promise<Buffer> {
  const lines = printed({ x: 150, y: 150, width: 1_000, lines: 45, height: 14, gap: 34 }, '#111');
  return sharp(Buffer.from(svg(1_300, 1_800, `<rect width="1300" height="1800" fill="#fff"/>${lines}`)))
    .removeAlpha()
    .png()
    .toBuffer();
}

/** A lamp's reflection on the middle of a picture, covering about this share of it. */
export async function withGlare(picture: Buffer, share: number): Promise<Buffer> {
  const { width, height } = await sharp(picture).metadata();
  const radius = Math.sqrt((share * width * height) / Math.PI);
  const spot =
    `<defs><radialGradient id="lamp"><stop offset="0.7" stop-color="#fff"/>` +
    `<stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs>` +
    `<circle cx="${width / 2}" cy="${height / 2}" r="${radius / 0.75}" fill="url(#lamp)"/>`;
  return sharp(picture)
    .composite([{ input: Buffer.from(svg(width, height, spot)) }])
    .removeAlpha()
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** The grain of a small sensor in poor light, on a copy of at most 1,000 points a side. */
export async function withNoise(picture: Buffer, strength: number): Promise<Buffer> {
  const { data, info } = await sharp(picture)
    .resize(1_000, 1_000, { fit: 'inside' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const grain = randomBytes(data.length);
  for (let i = 0; i < data.length; i += 1) {
    const value = (data[i] ?? 0) + (((grain[i] ?? 0) - 128) * strength) / 128;
    data[i] = Math.max(0, Math.min(255, Math.round(value)));
  }
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels } }).jpeg({ quality: 88 }).toBuffer();
}

function cardSvg(): string {
  const { width, height } = CARD;
  const face = `<rect x="250" y="330" width="300" height="380" fill="#b08d74"/><circle cx="400" cy="470" r="80" fill="#5a4436"/>`;
  const head = `<rect x="200" y="190" width="1200" height="90" fill="#2f5f9e"/>`;
  const print = printed({ x: 620, y: 350, width: 720, lines: 8, height: 22, gap: 46 }, '#222');
  const number = printed({ x: 620, y: 750, width: 500, lines: 1, height: 40, gap: 60 }, '#111');
  const paper = `<rect x="200" y="150" width="1200" height="720" rx="30" fill="#ebe7da"/>`;
  const table = `<rect width="${width}" height="${height}" fill="#6b513c"/>`;
  return svg(width, height, table + paper + head + face + print + number);
}

type Print = { x: number; y: number; width: number; lines: number; height: number; gap: number };

/** Strokes as close and as thin as letters, always the same ones. */
function printed({ x, y, width, lines, height, gap }: Print, colour: string): string {
  const strokes: string[] = [];
  let seed = 7;
  for (let line = 0; line < lines; line += 1) {
    for (let at = 0; at < width; ) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const stroke = Math.max(2, Math.round(height / 7));
      const isGap = seed % 7 === 0;
      if (!isGap) {
        const tall = seed % 3 === 0 ? height : height * 0.6;
        const top = y + line * gap + height - tall;
        strokes.push(`<rect x="${x + at}" y="${top}" width="${stroke}" height="${tall}"/>`);
        if (seed % 2 === 0)
          strokes.push(`<rect x="${x + at}" y="${top}" width="${stroke * 3}" height="${stroke}"/>`);
      }
      at += stroke * (isGap ? 5 : 3);
    }
  }
  return `<g fill="${colour}">${strokes.join('')}</g>`;
}

function svg(width: number, height: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`;
}
