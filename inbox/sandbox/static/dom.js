/** Building the page from nodes. Text only ever enters as text nodes, so nothing typed can become markup. */

/**
 * Makes an element. `props` holds attributes; functions are listeners (`onclick`), `class` and `dataset` as usual,
 * and false, null or undefined leave an attribute out.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** A decorative icon from the sprite below; the label stands on its button. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name] ?? '');
  svg.append(path);
  return svg;
}

/**
 * Makes a container show these items, keeping the nodes of items whose signature is the same, so that half-filled
 * inputs and the reader's place survive.
 */
export function reconcile(container, items, keyOf, signatureOf, build) {
  const known = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const key = keyOf(item);
    const signature = signatureOf(item);
    const old = known.get(key);
    if (old && signatures.get(old) === signature) return old;
    const node = build(item);
    node.dataset.key = key;
    signatures.set(node, signature);
    return node;
  });
  const wanted = new Set(nodes);
  for (const node of [...container.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (container.children[index] !== node) container.insertBefore(node, container.children[index] ?? null);
  });
}

const SVG = 'http://www.w3.org/2000/svg';
const signatures = new WeakMap();

const PATHS = {
  home: 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14.5 6 8.5 12l6 6',
  attach: 'M8 12.5 13.6 7a3 3 0 0 1 4.3 4.2l-7.3 7.2a4.6 4.6 0 0 1-6.6-6.5l7-7',
  send: 'M5 12h13M12.5 6l6 6-6 6',
  smile: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM9 10h.01M15 10h.01M8.8 14a4 4 0 0 0 6.4 0',
  reply: 'M5 6h14v9H11l-4 3.5V15H5V6Z',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  file: 'M7 4h7l4 4v12H7V4Zm7 0v4h4',
  eye: 'M3.5 12S7 6.5 12 6.5 20.5 12 20.5 12 17 17.5 12 17.5 3.5 12 3.5 12Zm8.5 2a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
};

function setProp(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (typeof value === 'function') node.addEventListener(name.slice(2), value);
  else if (name === 'class') node.className = value;
  else if (name === 'dataset') Object.assign(node.dataset, value);
  else if (name === 'value') node.value = value;
  else node.setAttribute(name, value === true ? '' : String(value));
}
