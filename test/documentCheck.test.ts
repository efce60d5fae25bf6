import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import PDFDocument from 'pdfkit';
import sharp, { type Sharp } from 'sharp';
import {
  checkDocument,
  type DocumentCheck,
  type FileProblem,
  MOST_DOCUMENT_BYTES,
  MOST_PDF_PAGES,
} from '../bot/documents/check.ts';
import { openPdf } from '../bot/documents/pdf.ts';
import { BOUNDS, MOST_PIXELS, measurePicture } from '../bot/documents/picture.ts';
import { LANGUAGES } from '../flows/types.ts';
import { renderMessage } from '../templates/messages/message.ts';
import { card, page, withGlare, withNoise } from './papers.ts';

const PDF = { mimeType: 'application/pdf', fileName: 'pan.pdf' };
const JPG = { mimeType: 'image/jpeg', fileName: 'pan.jpg' };
const PNG = { mimeType: 'image/png', fileName: 'pan.png' };

const CARD = await card();
const PAGE = await page();

/** What is wrong, or `fine`. */
async function problemOf(bytes: Buffer, declared = JPG): Promise<FileProblem | 'fine'> {
  const check = await checkDocument(bytes, declared);
  return check.isUsable ? 'fine' : check.retake.problem;
}

function pdf(pages: number, options: PDFKit.PDFDocumentOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const document = new PDFDocument({ autoFirstPage: false, ...options });
    const pieces: Buffer[] = [];
    document.on('data', (piece) => pieces.push(piece));
    document.on('end', () => resolve(Buffer.concat(pieces)));
    document.on('error', reject);
    for (let n = 1; n <= pages; n += 1) document.addPage().rect(50, 50, 200, 100).fill('#333');
    document.end();
  });
}

/** A PDF written by hand, whose objects are these. */
function rawPdf(objects: (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  for (const [i, body] of objects.entries()) {
    offsets.push(parts.reduce((sum, part) => sum + part.length, 0));
    parts.push(Buffer.from(`${i + 1} 0 obj\n`), Buffer.from(body), Buffer.from('\nendobj\n'));
  }
  const start = parts.reduce((sum, part) => sum + part.length, 0);
  const rows = offsets.map((at) => `${`${at}`.padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  parts.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`,
    ),
  );
  return Buffer.concat(parts);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A grey PNG of this size, of which one row of zeros after the other is packed into next to nothing. */
function pngBomb(width: number, height: number): Buffer {
  const piece = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    piece('IHDR', header),
    piece('IDAT', deflateSync(Buffer.alloc((width + 1) * height))),
    piece('IEND', Buffer.alloc(0)),
  ]);
}

/** The beginning of a ZIP with one file in it. */
const ZIP = Buffer.concat([
  Buffer.from('504b0304140000000800', 'hex'),
  Buffer.alloc(16),
  Buffer.from('0a000000', 'hex'),
  Buffer.from('papers.pdf'),
  gzipSync(Buffer.alloc(1_000_000)),
]);

describe('a file', () => {
  it('is told by its content, whatever it is called', async () => {
    expect(await checkDocument(CARD, JPG)).toEqual({
      isUsable: true,
      mimeType: 'image/png',
      mismatch: 'declared image/jpeg, named .jpg',
    });
    expect(await problemOf(ZIP, PDF)).toBe('archive');
    expect(await problemOf(gzipSync(Buffer.alloc(5_000)), PDF)).toBe('archive');
    expect(await problemOf(Buffer.from('MZ\u0090\u0000\u0003'), PDF)).toBe('wrong_type');
    expect(await problemOf(Buffer.from('<html><script>1</script></html>'), JPG)).toBe('wrong_type');
    expect(await problemOf(Buffer.from('my pan is on its way'), PDF)).toBe('wrong_type');
    expect(await problemOf(Buffer.alloc(0), PDF)).toBe('empty');
  });

  it('from an iPhone is refused with how to send it instead', async () => {
    const heic = Buffer.concat([
      Buffer.from('00000018', 'hex'),
      Buffer.from('ftypheic'),
      Buffer.from('00000000', 'hex'),
      Buffer.from('mif1heic'),
      Buffer.alloc(100),
    ]);
    const check = await checkDocument(heic, { mimeType: 'image/heic', fileName: 'IMG_0001.HEIC' });
    expect(check).toMatchObject({ isUsable: false, retake: { copy: 'kyc_retake_heic' } });
    expect(said(check)).toContain('Most Compatible');
  });

  it('may have 15 MB', async () => {
    const large = Buffer.concat([CARD, Buffer.alloc(MOST_DOCUMENT_BYTES)]);
    expect(said(await checkDocument(large, PNG))).toContain('15 MB');
  });

  it('with anything wrong is answered in every language', async () => {
    const problems: FileProblem[] = [
      'empty',
      'too_large',
      'wrong_type',
      'archive',
      'heic',
      'pdf_locked',
      'pdf_broken',
      'pdf_empty',
      'pdf_too_long',
      'picture_broken',
      'too_many_pixels',
      'too_small',
      'blank',
      'dark',
      'bright',
      'glare',
      'blurred',
    ];
    for (const problem of problems) {
      for (const language of LANGUAGES) {
        const { text } = renderMessage(`kyc_retake_${problem}`, language, { most: '15' }, 'Asia/Kolkata');
        expect(text).not.toBe('');
      }
    }
  });
});

function said(check: DocumentCheck): string {
  if (check.isUsable) return '';
  return renderMessage(check.retake.copy, 'en', check.retake.data, 'Asia/Kolkata').text;
}

describe('a PDF', () => {
  it('is fine when it opens', async () => {
    expect(await checkDocument(await pdf(2), PDF)).toEqual({
      isUsable: true,
      mimeType: 'application/pdf',
      pages: 2,
    });
  });

  it('that wants a password is refused; one that only restricts printing is not', async () => {
    expect(await problemOf(await pdf(1, { userPassword: 'asha1990' }), PDF)).toBe('pdf_locked');
    expect(await problemOf(await pdf(1, { ownerPassword: 'bank' }), PDF)).toBe('fine');
  });

  it('may have 60 pages', async () => {
    expect(await problemOf(await pdf(MOST_PDF_PAGES), PDF)).toBe('fine');
    const check = await checkDocument(await pdf(MOST_PDF_PAGES + 1), PDF);
    expect(said(check)).toContain('more than 60 pages');
  });

  it('without pages, cut off or made up is refused', async () => {
    const whole = await pdf(1);
    const none = rawPdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>']);
    expect(['pdf_empty', 'pdf_broken']).toContain(await problemOf(none, PDF));
    expect(await problemOf(whole.subarray(0, 200), PDF)).toBe('pdf_broken');
    expect(await problemOf(Buffer.from('%PDF-1.7\nnothing of it is true'), PDF)).toBe('pdf_broken');
    expect(await problemOf(Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100_000, 7)]), PDF)).toBe(
      'pdf_broken',
    );
  });

  it('that lies about its pages, or turns in circles, does not hold anybody up', async () => {
    const circle = rawPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000000 >>',
    ]);
    expect(await problemOf(circle, PDF)).not.toBe('fine');
  });

  it('that is a bomb is given up in time, and memory with it', async () => {
    const packed = deflateSync(Buffer.alloc(400_000_000), { level: 9 });
    const twice = deflateSync(packed, { level: 9 });
    const bomb = rawPdf([
      '<< /Type /Catalog /Pages 3 0 R >>',
      Buffer.concat([
        Buffer.from(
          `<< /Type /ObjStm /N 100 /First 500 /Length ${twice.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n`,
        ),
        twice,
        Buffer.from('\nendstream'),
      ]),
      '<< /Type /Pages /Kids [4 0 R] /Count 1 >>',
    ]);
    expect(bomb.length).toBeLessThan(100_000);
    const began = performance.now();
    await openPdf(bomb, 2_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('a picture', () => {
  const jpeg = (picture: Sharp) => picture.jpeg({ quality: 85 }).toBuffer();

  it('that can be read is fine: a card, a page, with grain, as JPEG, PNG and WebP', async () => {
    const fine = [
      CARD,
      PAGE,
      await jpeg(sharp(CARD)),
      await sharp(CARD).webp().toBuffer(),
      await withNoise(CARD, 30),
      await card({ width: 800, height: 500 }),
      await card({ width: 4_000, height: 2_500 }),
      await jpeg(sharp(CARD).rotate(90)),
      await sharp(CARD).ensureAlpha().png().toBuffer(),
      await sharp(CARD).greyscale().png().toBuffer(),
    ];
    for (const picture of fine) expect(await problemOf(picture)).toBe('fine');
  });

  it.each<[FileProblem, () => Promise<Buffer>[]]>([
    ['blurred', () => [4, 6, 10].map((sigma) => jpeg(sharp(CARD).blur(sigma)))],
    ['blurred', () => [5, 8].map((sigma) => jpeg(sharp(PAGE).blur(sigma)))],
    ['blurred', () => [jpeg(sharp(CARD).blur(5)).then((picture) => withNoise(picture, 30))]],
    ['dark', () => [0.35, 0.2, 0.05].map((part) => jpeg(sharp(CARD).linear(part, 0)))],
    ['dark', () => [jpeg(sharp(PAGE).linear(0.25, 0))]],
    ['bright', () => [150, 200].map((more) => jpeg(sharp(CARD).linear(1, more)))],
    ['bright', () => [jpeg(sharp(PAGE).linear(1, 160))]],
    ['glare', () => [0.05, 0.15, 0.3].map((share) => withGlare(CARD, share))],
    ['too_small', () => [card({ width: 500, height: 312 }), card({ width: 1_000, height: 300 })]],
    ['blank', () => ['#888', '#fff'].map((background) => plain(background))],
    ['dark', () => [plain('#000')]],
  ])('that is %s is refused', async (problem, pictures) => {
    for (const picture of await Promise.all(pictures())) expect(await problemOf(picture)).toBe(problem);
  });

  it.each<[string, () => Promise<Buffer>[]]>([
    ['a little soft', () => [1, 2].map((sigma) => jpeg(sharp(CARD).blur(sigma)))],
    ['a little soft page', () => [1, 2].map((sigma) => jpeg(sharp(PAGE).blur(sigma)))],
    ['in the evening', () => [0.7, 0.5].map((part) => jpeg(sharp(CARD).linear(part, 0)))],
    ['by a window', () => [40, 90].map((more) => jpeg(sharp(CARD).linear(1, more)))],
    ['with a small highlight', () => [withGlare(CARD, 0.01)]],
  ])('%s is taken: nobody is asked again in vain', async (_what, pictures) => {
    for (const picture of await Promise.all(pictures())) expect(await problemOf(picture)).toBe('fine');
  });

  it('is measured with room on both sides of each bound', async () => {
    const good = await Promise.all([CARD, PAGE, await withNoise(CARD, 30)].map(measurePicture));
    for (const measures of good) {
      expect(measures?.sharpness).toBeGreaterThan(BOUNDS.leastSharpness * 4);
      expect(measures?.bright).toBeGreaterThan(BOUNDS.leastBright * 2);
      expect(measures?.dark).toBeLessThan(BOUNDS.mostDark / 2);
      expect(measures?.spread).toBeGreaterThan(BOUNDS.leastSpread * 4);
      expect(measures?.glare).toBe(0);
    }
    const blurred = await measurePicture(await jpeg(sharp(CARD).blur(6)));
    expect(blurred?.sharpness).toBeLessThan(BOUNDS.leastSharpness / 2);
  });

  it('of 10,000 by 10,000 points is refused before it is unpacked', async () => {
    const bomb = pngBomb(10_000, 10_000);
    expect(bomb.length).toBeLessThan(200_000);
    expect(10_000 * 10_000).toBeGreaterThan(MOST_PIXELS);
    const before = process.memoryUsage().rss;
    expect(await problemOf(bomb, PNG)).toBe('too_many_pixels');
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
    expect(await problemOf(pngBomb(60_000, 2_000), PNG)).toBe('too_many_pixels');
  });

  it('that is cut off, or none behind its first bytes, is refused', async () => {
    const whole = await jpeg(sharp(CARD));
    expect(await problemOf(whole.subarray(0, whole.length / 2))).toBe('picture_broken');
    expect(await problemOf(Buffer.concat([whole.subarray(0, 200), Buffer.alloc(5_000, 3)]))).toBe(
      'picture_broken',
    );
    expect(await problemOf(Buffer.concat([CARD.subarray(0, 60), Buffer.alloc(500)]), PNG)).toBe(
      'picture_broken',
    );
  });

  async function plain(background: string): Promise<Buffer> {
    return sharp({ create: { width: 1_000, height: 800, channels: 3, background } })
      .png()
      .toBuffer();
  }
});
