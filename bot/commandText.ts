import type { CommandMistake } from '../inbox/slack/command.ts';

/** The words of a typed command, and how a wrong one is named. */

/** Nobody types more; whoever pastes a novel is told so before it is looked at. */
const MOST_CHARACTERS = 500;
const SHOWN_CHARACTERS = 40;
/** Longer words are never a slip of a short one. */
const NEAR_CHARACTERS = 24;
const OTHER_QUOTES = /[“”„«»″]/g;
const WORD = /(?:[^\s"]|"[^"]*")+/g;

/** The words of one line, taken from left to right. */
export class Words {
  private readonly words: string[];
  private at = 0;

  constructor(words: string[]) {
    this.words = words;
  }

  peek(): string | undefined {
    return this.words[this.at];
  }

  next(): string | undefined {
    const word = this.peek();
    this.skip(1);
    return word;
  }

  skip(count: number): void {
    this.at = Math.min(this.at + count, this.words.length);
  }

  /** The next `count` words in one string. */
  ahead(count: number): string {
    return this.words.slice(this.at, this.at + count).join(' ');
  }

  /** All words that are left, in one string. */
  rest(): string {
    const rest = this.words.slice(this.at).join(' ');
    this.at = this.words.length;
    return rest;
  }
}

/** Cuts a line into words; what stands in double quotes is one. */
export function readWords(text: string): Words | CommandMistake {
  if (text.length > MOST_CHARACTERS) {
    return { error: `This is too long for a command: ${MOST_CHARACTERS} characters are the most.` };
  }
  const plain = text
    .normalize('NFKC')
    .replace(OTHER_QUOTES, '"')
    .replace(/\p{Cc}|\p{Cf}/gu, ' ');
  if ((plain.split('"').length - 1) % 2 === 1) return { error: 'A quotation mark is not closed.' };
  const words = (plain.match(WORD) ?? []).map((word) => word.replaceAll('"', '').trim().replace(/\s+/g, ' '));
  return new Words(words.filter((word) => word !== ''));
}

/** Names the word that is wrong, what was expected in its place, and which of `options` was probably meant. */
export function unexpected(
  word: string | undefined,
  expected: string,
  options: readonly string[] = [],
): CommandMistake {
  if (word === undefined) return { error: `Something is missing at the end: expected ${expected}.` };
  const near = nearest(word, options);
  return {
    error: `“${shown(word)}” is not understood: expected ${expected}.${near ? ` Did you mean “${near}”?` : ''}`,
  };
}

/** The option that a word is a slip of, or undefined when none is near. */
export function nearest(word: string, options: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  if (typed.length < 2 || typed.length > NEAR_CHARACTERS) return undefined;
  const begun = options.filter((option) => option.startsWith(typed));
  if (begun.length === 1) return begun[0];
  const ranked = options
    .map((option) => ({ option, slips: slipsBetween(typed, option) }))
    .sort((one, other) => one.slips - other.slips);
  const [best] = ranked;
  return best && best.slips <= Math.max(1, Math.floor(best.option.length / 3)) ? best.option : undefined;
}

/** A word as it may be repeated to people: not endless, and no number of anybody in full. */
export function shown(word: string): string {
  const masked = word.replace(
    /\p{Nd}(?:[\s().-]*\p{Nd}){4,}/gu,
    (number) => `…${number.replace(/\P{Nd}/gu, '').slice(-3)}`,
  );
  return masked.length > SHOWN_CHARACTERS ? `${[...masked].slice(0, SHOWN_CHARACTERS).join('')}…` : masked;
}

/** How many letters were left out, added, changed, or swapped with their neighbour. */
function slipsBetween(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}
