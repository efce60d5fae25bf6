import { byId, showState, since } from './desk.js';

const EVERY_MS = 5_000;
const NAMES = {
  web: ['Paired phone', 'WhatsApp Web in a browser of its own'],
  cloud: ['Cloud API', "Meta's official gateway"],
  sandbox: ['Sandbox', 'A phone in this browser; nothing leaves this machine'],
};

void look();

async function look() {
  try {
    const response = await fetch('/desk/state');
    if (!response.ok) throw new Error(await response.text());
    show(await response.json());
  } catch {
    byId('summary').textContent = 'Baton does not answer. This page goes on asking.';
  }
  setTimeout(look, EVERY_MS);
}

function show({ now, transports }) {
  const away = transports.filter(({ health }) => health !== 'ready').length;
  byId('summary').textContent =
    away === 0
      ? 'Everything is connected.'
      : away === transports.length
        ? 'Not connected: what is to be sent waits.'
        : 'One of the ways to WhatsApp is not connected.';
  byId('connect').hidden = !transports.some(({ kind }) => kind === 'web');
  byId('connect').textContent = transports.some(({ kind, health }) => kind === 'web' && health === 'ready')
    ? 'Connected phone'
    : 'Connect a phone';
  byId('transports').replaceChildren(...transports.map((transport) => row(transport, new Date(now))));
}

function row({ kind, health, since: begin }, now) {
  const [name, about] = NAMES[kind] ?? [kind, ''];
  const item = document.createElement('li');
  const words = document.createElement('div');
  const pill = document.createElement('span');
  words.append(line('strong', name), line('span', about), line('span', `since ${since(begin, now)}`));
  showState(pill, health);
  item.append(words, pill);
  return item;
}

function line(tag, words) {
  const element = document.createElement(tag);
  element.textContent = words;
  return element;
}
