import { conceptsOf } from './concepts.ts';
import type { SparseRow } from './regression.ts';
import { fold, romanise, skeleton } from './spelling.ts';

/** Columns per block of features; a feature's column is its hash within its block. */
const BLOCKS = { words: 32_768, characters: 32_768, concepts: 4_096 } as const;

/** How many columns a row of features has. */
export const COLUMNS = BLOCKS.words + BLOCKS.characters + BLOCKS.concepts;

/** What counts more: chosen on the messages of `calibration.jsonl`; the more examples, the less the lexicon is needed. */
const BLOCK_WEIGHTS = { words: 1, characters: 1.5, concepts: 0.8 } as const;

/** Rare and exact things (money, times, references) replaced by what they are. Order matters. */
const MASKS: ReadonlyArray<readonly [RegExp, string]> = [
  [/https?:\/\/\S+|www\.\S+/gu, ' _url '],
  [/\S+@\S+/gu, ' _mail '],
  [/(?<![\p{L}\p{N}])(?:26qb|16b|141|132|194-?ia?)(?![\p{L}\p{N}])/gu, ' _taxform '],
  [/(?:₹|\brs\.?|\binr)\s*\d[\d,.]*\s*(?:lakhs?|lacs?|l|crores?|cr|k)?(?![\p{L}\p{N}])/gu, ' _amt '],
  [
    /\d[\d,.]*\s*(?:lakhs?|laakh|lacs?|l|crores?|cr|karod|karor|k|hazaar|hazar|hajar|thousand|rs|rupees|rupaye|\/-)(?![\p{L}\p{N}])/gu,
    ' _amt ',
  ],
  [/\d{1,3}(?:,\d{2,3})+(?:\.\d+)?/gu, ' _amt '],
  [/(?<!\p{L})(?=[a-z]*\d)(?=[a-z0-9]*\d{6})[a-z0-9]{8,25}(?![\p{L}\p{N}])|\d{4}\s\d{4}\s\d{4}/gu, ' _ref '],
  [/\d(?:\.\d)?\s*(?:bhk|rk|bedrooms?|bed)(?!\p{L})/gu, ' _bhk bhk '],
  [/\d{1,2}(?:[:.]\d{2})?\s*(?:am|pm|baje|bje|baj|o'?clock)(?!\p{L})|\d{1,2}:\d{2}/gu, ' _clock '],
  [
    /\d{1,2}\s*(?:st|nd|rd|th|taa?r[ie]+kh?|tare?e?kh?)(?!\p{L})|\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?/gu,
    ' _day ',
  ],
  [/\d{1,2}\s*(?:jan|feb|march|apr|june|july|aug|sep|oct|nov|dec)\p{L}*/gu, ' _day '],
  [/\d[\d.]*\s*%/gu, ' _pct '],
  [/\d+(?:\.\d+)?/gu, ' _num '],
];

const TOKEN = /_?[\p{L}\p{M}]+|[?]|\p{Extended_Pictographic}/gu;

/** The tokens of a message: folded words, masks (`_amt`), question marks and emoji, in order. */
export function tokensOf(text: string): string[] {
  let masked = romanise(text);
  for (const [pattern, mask] of MASKS) masked = masked.replace(pattern, mask);
  return (masked.match(TOKEN) ?? []).map((token) => (token.startsWith('_') ? token : fold(token)));
}

/**
 * A message as weighted features, before it is known how rare each one is: words and pairs of words, pieces of
 * words, and concepts with their pairs. A repeated feature stands once.
 */
export function featuresOf(text: string): Int32Array {
  const tokens = tokensOf(text);
  const columns = new Set<number>();
  addWords(tokens, columns);
  addCharacters(tokens, columns);
  addConcepts(tokens, columns);
  return Int32Array.from(columns);
}

/** Weighs the features of one message by rarity, each block brought to the same length. */
export function weigh(columns: Int32Array, rarity: Float32Array): SparseRow {
  const sums = { words: 0, characters: 0, concepts: 0 };
  for (const column of columns) sums[blockOf(column)] += (rarity[column] ?? 0) ** 2;
  const scale = {
    words: BLOCK_WEIGHTS.words / Math.sqrt(sums.words || 1),
    characters: BLOCK_WEIGHTS.characters / Math.sqrt(sums.characters || 1),
    concepts: BLOCK_WEIGHTS.concepts / Math.sqrt(sums.concepts || 1),
  };
  const values = new Float32Array(columns.length);
  columns.forEach((column, i) => {
    values[i] = (rarity[column] ?? 0) * scale[blockOf(column)];
  });
  return { columns, values };
}

/** How rare each column is among the messages: log((1 + messages) / (1 + messages with it)) + 1; unseen ones 0. */
export function measureRarity(rows: Int32Array[]): Float32Array {
  const counts = new Float32Array(COLUMNS);
  for (const columns of rows) for (const column of columns) counts[column] = (counts[column] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : Math.log((1 + rows.length) / (1 + count)) + 1));
}

function addWords(tokens: string[], columns: Set<number>): void {
  let previous = '^';
  for (const token of tokens) {
    columns.add(hash(token, BLOCKS.words));
    columns.add(hash(`${previous} ${token}`, BLOCKS.words));
    const bones = skeleton(token);
    if (bones.length >= 2) columns.add(hash(`#${bones}`, BLOCKS.words));
    previous = token;
  }
}

/** Pieces of two to five characters, within a word and its spaces. */
function addCharacters(tokens: string[], columns: Set<number>): void {
  for (const token of tokens) {
    if (token.startsWith('_')) continue;
    const padded = ` ${token} `;
    for (let start = 0; start < padded.length - 1; start++) {
      let code = 0x811c9dc5;
      for (let end = start; end < Math.min(padded.length, start + 5); end++) {
        code = Math.imul(code ^ padded.charCodeAt(end), 0x01000193);
        if (end > start) columns.add(BLOCKS.words + (mix(code) % BLOCKS.characters));
      }
    }
  }
}

function addConcepts(tokens: string[], columns: Set<number>): void {
  const base = BLOCKS.words + BLOCKS.characters;
  const concepts = conceptsOf(tokens);
  concepts.forEach((concept, i) => {
    columns.add(base + hash(concept, BLOCKS.concepts));
    for (const other of concepts.slice(i + 1))
      columns.add(base + hash(`${concept}+${other}`, BLOCKS.concepts));
  });
}

function blockOf(column: number): keyof typeof BLOCKS {
  if (column < BLOCKS.words) return 'words';
  return column < BLOCKS.words + BLOCKS.characters ? 'characters' : 'concepts';
}

/** FNV-1a, mixed so that the low digits are evenly spread. */
function hash(text: string, size: number): number {
  let code = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) code = Math.imul(code ^ text.charCodeAt(i), 0x01000193);
  return mix(code) % size;
}

function mix(code: number): number {
  return ((code ^ (code >>> 15)) >>> 0) % 0x7fffffff;
}
