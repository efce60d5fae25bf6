import { h } from './dom.js';
import { emoji, withEmoji } from './emoji.js';

/** Slack's message markup as nodes: bold, italic, strike, code, quotes, links, mentions, dates and emoji. */

/** Renders mrkdwn. `names` gives `user(id)` and `channel(id)`, each a name or undefined. */
export function mrkdwn(text, names) {
  const pieces = text.split(/```([\s\S]*?)```/);
  return pieces.flatMap((piece, index) =>
    index % 2 === 1 ? [h('pre', {}, unescaped(piece.replace(/^\n|\n$/g, '')))] : paragraphs(piece, names),
  );
}

/** Renders a text object of either kind. */
export function textObject(object, names) {
  return object.type === 'mrkdwn' ? mrkdwn(object.text, names) : [withEmoji(object.text)];
}

function paragraphs(text, names) {
  const nodes = [];
  for (const run of runsOfLines(text)) {
    const lines = run.lines.flatMap((line, index) => [index > 0 ? h('br') : null, ...inline(line, names)]);
    nodes.push(
      ...(run.quoted ? [h('blockquote', {}, lines)] : lines),
      ...(run.last || run.quoted ? [] : [h('br')]),
    );
  }
  return nodes;
}

/** Lines in runs of quoted and unquoted ones. */
function runsOfLines(text) {
  const runs = [];
  for (const line of text === '' ? [] : text.split('\n')) {
    const quoted = /^(&gt;|>)/.test(line);
    const bare = quoted ? line.replace(/^(&gt;|>)\s?/, '') : line;
    const current = runs.at(-1);
    if (current?.quoted === quoted) current.lines.push(bare);
    else runs.push({ quoted, lines: [bare], last: false });
  }
  for (const [index, run] of runs.entries()) run.last = index === runs.length - 1 || runs[index + 1].quoted;
  return runs;
}

const TOKENS = new RegExp(
  [
    /`([^`]+)`/,
    /<([^<>]+)>/,
    /:([a-z0-9_+-]+):/,
    /(?<![\w*])\*(?!\s)([^*]+?)(?<!\s)\*(?![\w*])/,
    /(?<![\w_])_(?!\s)([^_]+?)(?<!\s)_(?![\w_])/,
    /(?<![\w~])~(?!\s)([^~]+?)(?<!\s)~(?![\w~])/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'g',
);

function inline(text, names) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    nodes.push(unescaped(text.slice(from, match.index)));
    nodes.push(token(match, names));
    from = match.index + match[0].length;
  }
  nodes.push(unescaped(text.slice(from)));
  return nodes.filter((node) => node !== '');
}

function token([whole, code, entity, shortName, bold, italic, strike], names) {
  if (code !== undefined) return h('code', {}, unescaped(code));
  if (entity !== undefined) return reference(entity, names);
  if (shortName !== undefined) return emoji(shortName) ?? whole;
  if (bold !== undefined) return h('strong', {}, inline(bold, names));
  if (italic !== undefined) return h('em', {}, inline(italic, names));
  return h('s', {}, inline(strike, names));
}

/** What stands between angle brackets: `@U1`, `#C1`, `!here`, `!date^…`, or an address with a label. */
function reference(entity, names) {
  const [target, label] = splitOnce(entity, '|');
  if (target.startsWith('@')) return mention(`@${label ?? names.user(target.slice(1)) ?? 'someone'}`);
  if (target.startsWith('#')) {
    const id = target.slice(1);
    return h('a', { class: 'mention', href: `#/${id}` }, `#${label ?? names.channel(id) ?? 'channel'}`);
  }
  if (target.startsWith('!date^')) return date(target, label ?? '');
  if (target.startsWith('!')) return mention(`@${target.slice(1).split('^')[0]}`);
  return link(unescaped(target), unescaped(label ?? target));
}

function mention(text) {
  return h('span', { class: 'mention' }, text);
}

/** A link; one to a message of this workspace stays on this page, whatever host it was written for. */
function link(href, label) {
  const inside = /\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?.*?thread_ts=([\d.]+))?/.exec(href);
  if (inside) {
    const [, channel, seconds, micros, threadTs] = inside;
    return h('a', { href: `#/${channel}/${seconds}.${micros}${threadTs ? `/${threadTs}` : ''}` }, label);
  }
  if (!/^(https?:|mailto:|tel:)/i.test(href)) return label;
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, label);
}

function date(target, fallback) {
  const [, seconds, pattern = ''] = target.split('^');
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const day = (options) => new Intl.DateTimeFormat('en-IN', options).format(at);
  const long = { day: 'numeric', month: 'long', year: 'numeric' };
  const short = { day: 'numeric', month: 'short', year: 'numeric' };
  const clock = { hour: 'numeric', minute: '2-digit' };
  return pattern
    .replace(/\{date_short(_pretty)?\}/g, day(short))
    .replace(/\{date_long(_pretty)?\}/g, day({ weekday: 'long', ...long }))
    .replace(/\{date(_pretty|_num)?\}/g, day(long))
    .replace(/\{time(_secs)?\}/g, day(clock));
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
