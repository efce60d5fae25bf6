/** Markup that is safe to send: made by `html` alone, so that nothing reaches a page unescaped. */
export class Html {
  readonly text: string;

  /** For `html` alone: `text` is taken as it is. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, markup is not, and what is absent leaves nothing. */
export type Piece = Html | string | number | undefined | false | readonly Piece[];

/**
 * The one way to write markup. Every value is escaped for text and for quoted attributes; attributes must be quoted.
 * Example: html`<a href="${path}">${name}</a>`
 */
export function html(words: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(
    words.map((each, index) => (index === 0 ? each : written(pieces[index - 1]) + each)).join(''),
  );
}

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(written).join('');
  return String(piece).replace(/[&<>"']/g, (sign) => ESCAPED[sign] ?? sign);
}

const ESCAPED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** An address that may be followed from our pages; undefined for one that could run something. */
export function safeUrl(url: string): string | undefined {
  return /^(https?|upi):/i.test(url) ? url : undefined;
}
