import type { Face } from '../fonts.ts';

/** How a piece of text looks and how much room it may take. */
export type TextStyle = {
  face: Face;
  size: number;
  color: string;
  /** Height of a line as a multiple of the size. */
  leading?: number;
  /** Most lines the text may take (default 1): it shrinks to `smallest` first, then ends in an ellipsis. */
  lines?: number;
  smallest?: number;
  /** Where lines stand in the width, if not at its left. Not for capitals. */
  align?: 'right' | 'center';
  /**
   * Write in capitals with this much space between letters, in points. Devanagari has no capitals and its letters
   * hang together, so there the text is made a little larger instead.
   */
  capitals?: number;
};

/** Writes text with its top left corner at x, y, never wider than `width`. Returns the y just below it. */
export function write(
  doc: PDFKit.PDFDocument,
  text: string,
  at: { x: number; y: number; width: number },
  style: TextStyle,
): number {
  const { face, size, tracking, lines } = fitLines(doc, text, at.width, style);
  const leading = size * (style.leading ?? 1.4);
  doc.font(face, size).fillColor(style.color);
  for (const [index, line] of lines.entries()) {
    const shift = style.align ? shiftFor(doc, line, at.width, style.align) : 0;
    const baseline = at.y + index * leading + (leading + size * 0.62) / 2;
    doc.text(line, at.x + shift, baseline, {
      lineBreak: false,
      baseline: 'alphabetic',
      characterSpacing: tracking,
    });
  }
  return at.y + lines.length * leading;
}

/** How high `write` will make the text, in points. */
export function heightOf(doc: PDFKit.PDFDocument, text: string, width: number, style: TextStyle): number {
  const { size, lines } = fitLines(doc, text, width, style);
  return lines.length * size * (style.leading ?? 1.4);
}

function shiftFor(doc: PDFKit.PDFDocument, line: string, width: number, align: 'right' | 'center'): number {
  const spare = width - doc.widthOfString(line);
  return align === 'right' ? spare : spare / 2;
}

type Fitted = { face: Face; size: number; tracking: number; lines: string[] };

/** Breaks text into lines at the largest size, from the style's own down to its smallest, that leaves few enough. */
function fitLines(doc: PDFKit.PDFDocument, given: string, width: number, style: TextStyle): Fitted {
  const { text, face, largest, tracking } = inScript(given, style);
  const most = style.lines ?? 1;
  const smallest = style.smallest ?? style.size * 0.7;
  // Not by \s: a no-break space keeps a sum and its unit together.
  const words = text.split(/[ \n\t]+/).filter((word) => word !== '');
  const measure = (part: string): number => doc.widthOfString(part) + tracking * part.length;
  for (let size = largest; size > smallest; size -= 0.5) {
    doc.font(face, size);
    if (words.some((word) => measure(`${word} `) - measure(' ') > width)) continue;
    const lines = breakLines(words, width, measure);
    if (lines.length <= most) return { face, size, tracking, lines };
  }
  doc.font(face, smallest);
  const narrow = words.flatMap((word) => pieces(word, width, measure));
  const lines = cut(breakLines(narrow, width, measure), most, width, measure);
  return { face, size: smallest, tracking, lines };
}

/** The typefaces have no emoji, which would come out as empty boxes. Devanagari knows neither capitals nor, by custom, italics. */
function inScript(
  given: string,
  style: TextStyle,
): { text: string; face: Face; largest: number; tracking: number } {
  const text = given.replace(/\p{Emoji_Presentation}|\p{Emoji_Modifier}|\uFE0F/gu, '');
  const upright = { text, face: style.face, largest: style.size, tracking: 0 };
  if (/\p{Script=Devanagari}/u.test(text)) {
    const face = style.face === 'italic' ? 'display' : style.face;
    return { ...upright, face, largest: style.capitals === undefined ? style.size : style.size * 1.25 };
  } else if (style.capitals !== undefined) {
    return { ...upright, text: text.toUpperCase(), tracking: style.capitals };
  } else {
    return upright;
  }
}

type Measure = (part: string) => number;

/** Fills lines with words, each measured with its space as pdfkit lays it out, so that shaping is done only once. */
function breakLines(words: readonly string[], width: number, measure: Measure): string[] {
  const space = measure(' ');
  const lines: string[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const wordWidth = measure(`${word} `);
    if (used + wordWidth - space <= width) {
      lines[lines.length - 1] += ` ${word}`;
      used += wordWidth;
    } else {
      lines.push(word);
      used = wordWidth;
    }
  }
  return lines;
}

/** A word too wide for a line, split between graphemes so that no matra loses its letter. */
function pieces(word: string, width: number, measure: Measure): string[] {
  if (measure(word) <= width) return [word];
  const parts: string[] = [];
  for (const { segment } of new Intl.Segmenter('hi').segment(word)) {
    const longer = (parts.at(-1) ?? '') + segment;
    if (parts.length > 0 && measure(longer) <= width) parts[parts.length - 1] = longer;
    else parts.push(segment);
  }
  return parts;
}

/** The first lines only, the last of them ending in an ellipsis if anything is left out. */
function cut(lines: string[], most: number, width: number, measure: Measure): string[] {
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  const letters = Array.from(new Intl.Segmenter('hi').segment(kept.pop() ?? ''), ({ segment }) => segment);
  while (letters.length > 0 && measure(`${letters.join('')}…`) > width) letters.pop();
  return [...kept, `${letters.join('').trimEnd()}…`];
}
