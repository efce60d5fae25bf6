import { inflateSync } from 'node:zlib';

/** A piece of text on a page, in points from the page's top left corner; `baseline` is where its letters stand. */
export type TextRun = { text: string; x: number; baseline: number; width: number; size: number };

/** What a reader would see of a PDF that pdfkit wrote. Text is in the order of its glyphs. */
export type ReadPdf = {
  pages: TextRun[][];
  links: string[];
  /** Names of the fonts whose files are inside the document. */
  embeddedFonts: string[];
  /** Glyphs drawn as empty boxes because the font has none for the character. */
  missingGlyphs: number;
};

type Font = { letters: string[]; widths: number[] };

const PAGE_WIDTH = 595.28;
const PAGE_HEIGHT = 841.89;

/** Reads the text, links and fonts of a PDF with Identity-H fonts, each with its widths and a ToUnicode table. */
export function readPdf(pdf: Buffer): ReadPdf {
  const objects = readObjects(pdf);
  const fonts = readFonts(objects);
  const heads = [...objects.values()].map((each) => each.head);
  const contents = heads.flatMap((head) =>
    /\/Type \/Page\n/.test(head) ? [reference(head, 'Contents')] : [],
  );
  const pages = contents.map((id) => readRuns(objects.get(id)?.body ?? '', fonts));
  return {
    pages: pages.map((runs) => runs.map(({ missing: _, ...run }) => run)),
    links: heads.flatMap((head) => [...head.matchAll(/\/URI \((.*?)\)\n/g)].map((match) => match[1] ?? '')),
    embeddedFonts: heads.flatMap((head) =>
      /\/FontFile2 /.test(head) ? [/\/FontName \/(\S+)/.exec(head)?.[1] ?? ''] : [],
    ),
    missingGlyphs: pages.flat().reduce((sum, run) => sum + run.missing, 0),
  };
}

/** The text of a page, one line per run. */
export function textOf(runs: TextRun[]): string {
  return runs
    .map((run) => run.text)
    .join('\n')
    .replaceAll('\u00a0', ' ');
}

/** The text of all pages. */
export function allText(read: ReadPdf): string {
  return read.pages.map(textOf).join('\n');
}

/** Whether a text stands beyond the margins that a printer keeps. */
export function leavesThePage(run: TextRun): boolean {
  return run.x < 20 || run.x + run.width > PAGE_WIDTH - 20 || run.baseline > PAGE_HEIGHT - 8;
}

/** Pairs of texts whose letters, from just under the cap height to just over the descenders, share some ground. */
export function overlaps(runs: TextRun[]): [string, string][] {
  return runs.flatMap((one, index) =>
    runs.slice(index + 1).flatMap((other): [string, string][] => {
      const apart =
        one.x + one.width <= other.x + 0.5 ||
        other.x + other.width <= one.x + 0.5 ||
        one.baseline + one.size * 0.15 <= other.baseline - other.size * 0.65 ||
        other.baseline + other.size * 0.15 <= one.baseline - one.size * 0.65;
      return apart ? [] : [[one.text, other.text]];
    }),
  );
}

type PdfObject = { head: string; body: string };

function readObjects(pdf: Buffer): Map<string, PdfObject> {
  const source = pdf.toString('latin1');
  const objects = new Map<string, PdfObject>();
  for (const [, id = '', content = ''] of source.matchAll(/^(\d+) 0 obj\n(.*?)\nendobj$/gms)) {
    const [head = '', stream] = content.split(/\nstream\n/s);
    const bytes = Buffer.from(stream?.slice(0, stream.lastIndexOf('\nendstream')) ?? '', 'latin1');
    const packed = head.includes('/FlateDecode') && !head.includes('/Length1');
    objects.set(id, { head: `${head}\n`, body: packed ? inflateSync(bytes).toString('latin1') : '' });
  }
  return objects;
}

function readFonts(objects: Map<string, PdfObject>): Map<string, Font> {
  const fonts = new Map<string, Font>();
  for (const { head } of objects.values()) {
    const resources = /\/Font <<\n(.*?)>>/s.exec(head)?.[1] ?? '';
    for (const [, name = '', id = ''] of resources.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const font = objects.get(id)?.head ?? '';
      const descendant = objects.get(/\/DescendantFonts \[(\d+) 0 R\]/.exec(font)?.[1] ?? '')?.head ?? '';
      const table = objects.get(reference(font, 'ToUnicode'))?.body ?? '';
      const widths = /\/W \[0 \[(.*?)\]/s.exec(descendant)?.[1]?.split(' ').map(Number) ?? [];
      fonts.set(name, { letters: readLetters(table), widths });
    }
  }
  return fonts;
}

/** The text of each glyph, from tables such as `<0000> <0002> [<0000> <0047> <0921 093c>]`. */
function readLetters(table: string): string[] {
  const letters: string[] = [];
  for (const [, first = '', list = ''] of table.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[(.*?)\]/gs)) {
    for (const [index, [, codes = '']] of [...list.matchAll(/<(.*?)>/g)].entries()) {
      const units = codes.split(' ').map((code) => Number.parseInt(code, 16));
      letters[Number.parseInt(first, 16) + index] = String.fromCharCode(...units);
    }
  }
  return letters;
}

function readRuns(content: string, fonts: Map<string, Font>): (TextRun & { missing: number })[] {
  return [...content.matchAll(/\nBT\n(.*?)\nET\n/gs)].map(([, block = '']) => {
    const [, x, y] = (/1 0 0 1 (\S+) (\S+) Tm/.exec(block) ?? []).map(Number);
    const [, name = '', size] = /\/(F\d+) (\S+) Tf/.exec(block) ?? [];
    const tracking = Number(/(\S+) Tc/.exec(block)?.[1] ?? 0);
    const font = fonts.get(name) ?? { letters: [], widths: [] };
    const glyphs = [...block.matchAll(/<([0-9a-f]+)>/g)].flatMap(([, hex = '']) =>
      (hex.match(/.{4}/g) ?? []).map((code) => Number.parseInt(code, 16)),
    );
    const advance = glyphs.reduce((sum, glyph) => sum + (font.widths[glyph] ?? 0), 0);
    return {
      text: glyphs.map((glyph) => font.letters[glyph] ?? '').join(''),
      x: x ?? 0,
      baseline: PAGE_HEIGHT - (y ?? 0),
      width: (advance * Number(size)) / 1000 + tracking * Math.max(0, glyphs.length - 1),
      size: Number(size),
      missing: glyphs.filter((glyph) => glyph === 0).length,
    };
  });
}

function reference(head: string, key: string): string {
  return new RegExp(`/${key} (\\d+) 0 R`).exec(head)?.[1] ?? '';
}
