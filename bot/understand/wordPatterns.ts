import { fold, romanise } from './spelling.ts';

/** Patterns over folded words, so that one spelling serves both scripts; alternatives are written unfolded. */

/** One of the alternatives, each a word or words joined by `_`. */
export function any(alternatives: string): string {
  return `(?:${alternatives.replaceAll(' ', '|').replaceAll('_', ' ')})`;
}

/** The source, its words folded, as a pattern that starts and ends at words (the only escape in it is `\\S`). */
export function standing(source: string): RegExp {
  return new RegExp(` ${source.replace(/(?<!\\)[\p{L}\p{M}]+/gu, (word) => fold(romanise(word)))} `, 'u');
}
