/**
 * Makes an element. Text goes through textContent, so nothing a person wrote is ever read as markup.
 * `attributes` are set as they are; those that are undefined or false are left out.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  attach: [
    'M20 11.5l-8.1 8.1a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6',
  ],
  send: ['M4 12l16-8-5 16-3.5-6.5z', 'M11.5 13.5L20 4'],
  chevron: ['M6 9l6 6 6-6'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  list: ['M9 6h11', 'M9 12h11', 'M9 18h11', 'M4 6h.01', 'M4 12h.01', 'M4 18h.01'],
  reply: ['M9 7l-5 5 5 5', 'M4 12h10a6 6 0 0 1 6 6v1'],
  plus: ['M12 5v14', 'M5 12h14'],
  check: ['M5 12.5l4.5 4.5L19 7.5'],
  clock: ['M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16', 'M12 8v4l2.5 2'],
  alert: ['M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16', 'M12 8v4.5', 'M12 16h.01'],
  tick: ['M5 12.5l4.5 4.5L19 7.5'],
  ticks: ['M1.5 12.5L6 17l9.5-9.5', 'M11.2 15.7l1.3 1.3L22 7.5'],
  file: ['M7 3h7l5 5v13H7z', 'M14 3v5h5'],
};

/** A line drawing by name; for the eye only, so the element around it carries the words. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** A round sign with the initials of a name, in a colour that stays with the key. */
export function avatar(name, key) {
  const shade = [...key].reduce((sum, character) => sum + character.codePointAt(0), 0) % 6;
  return make('span', { class: `avatar shade-${shade}`, 'aria-hidden': 'true' }, initials(name));
}

/** Up to two initials; digits stand for a number without a name. */
export function initials(name) {
  const words = name.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean);
  if (words.length === 0 || /^\d/.test(words[0])) return '#';
  return words
    .slice(0, 2)
    .map((word) => [...word][0])
    .join('')
    .toUpperCase();
}
