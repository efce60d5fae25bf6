import { make } from './element.js';

/** Monospace, bold, italic, struck and links, as chat apps write them; a mark counts only at a word's edge. */
const MARKS =
  /(?<mono>```[^`]+```)|(?<![\p{L}\p{N}])(?:\*(?<bold>\S|\S[^*\n]*\S)\*|_(?<italic>\S|\S[^_\n]*\S)_|~(?<struck>\S|\S[^~\n]*\S)~)(?![\p{L}\p{N}])|(?<link>https?:\/\/[^\s<>"]+)/gu;
const TAGS = { bold: 'strong', italic: 'em', struck: 's' };
const MAX_DEPTH = 3;

/** A text with its marks turned into elements. Everything else stays text. */
export function formatted(text, depth = 0) {
  const fragment = document.createDocumentFragment();
  let from = 0;
  for (const match of depth < MAX_DEPTH ? text.matchAll(MARKS) : []) {
    const link = match.groups.link?.replace(/[.,!?;:)\]}'*_~]+$/, '');
    const length = link?.length ?? match[0].length;
    fragment.append(text.slice(from, match.index), marked(match.groups, link, depth));
    from = match.index + length;
  }
  fragment.append(text.slice(from));
  return fragment;
}

function marked({ mono, ...marks }, link, depth) {
  if (mono) return make('code', {}, mono.slice(3, -3));
  if (link) return make('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, link);
  const name = Object.keys(TAGS).find((tag) => marks[tag] !== undefined);
  return make(TAGS[name], {}, formatted(marks[name], depth + 1));
}
