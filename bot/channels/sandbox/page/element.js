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
  more: ['M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16', 'M8.5 13.5a4 4 0 0 0 7 0', 'M9 9.5h.01', 'M15 9.5h.01'],
  edit: ['M4 20l1-4L16 5l3 3L8 19z', 'M14 7l3 3'],
  bin: ['M5 7h14', 'M9 7V4h6v3', 'M7 7l1 13h8l1-13', 'M10 11v5', 'M14 11v5'],
  banned: ['M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16', 'M6.5 6.5l11 11'],
  phone: [
    'M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A16 16 0 0 1 4.5 6.2 2 2 0 0 1 6.5 4',
  ],
  video: ['M4 7h11v10H4z', 'M15 11l5-3v8l-5-3'],
  picture: ['M4 5h16v14H4z', 'M4 16l5-5 4 4 2.5-2.5L20 17', 'M15.5 9h.01'],
  microphone: [
    'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3',
    'M5.5 11a6.5 6.5 0 0 0 13 0',
    'M12 17.5V21',
  ],
  pin: [
    'M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21',
    'M12 7.2a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 0 0 0-4.6',
  ],
  person: ['M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8', 'M4.5 20a7.5 7.5 0 0 1 15 0'],
  here: ['M12 7a5 5 0 1 0 0 10a5 5 0 0 0 0-10', 'M12 2v3', 'M12 19v3', 'M2 12h3', 'M19 12h3'],
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
