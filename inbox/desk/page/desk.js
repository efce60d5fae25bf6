/* What the desk's pages share: addresses, elements and words. */

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Shows an element with these words, or hides it when there are none. */
export function tell(id, words) {
  byId(id).hidden = !words;
  byId(id).textContent = words ?? '';
}

/** How a state is called, and its colour: good, busy or bad. */
const STATES = {
  starting: ['Starting', 'busy'],
  pairing: ['Waiting for a phone', 'busy'],
  syncing: ['Reading the chats', 'busy'],
  ready: ['Connected', 'good'],
  degraded: ['Connection lost', 'bad'],
  loggedOut: ['Logged out', 'bad'],
  blocked: ['Refused by WhatsApp', 'bad'],
  stopped: ['Stopped', 'bad'],
};

/** Makes an element the pill of a state. */
export function showState(element, health) {
  const [words, colour] = STATES[health] ?? [health, 'busy'];
  element.textContent = words;
  element.className = `pill ${colour}`;
}

/** `2026-11-22T09:02:00Z` -> `22 Nov, 14:32 (3 minutes ago)` */
export function since(text, now) {
  const at = new Date(text);
  const when = at.toLocaleString('en-IN', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
  return `${when} (${ago(now - at)})`;
}

const STEPS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

function ago(ms) {
  const [unitMs, unit] = STEPS.find(([stepMs]) => ms >= stepMs) ?? [];
  if (!unit) return 'just now';
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
