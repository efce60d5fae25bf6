const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** A key under which a message may be posted again without being sent twice. */
export function newKey() {
  // Not randomUUID: that exists only on secure origins, and the sandbox may be opened over a plain network.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `phone-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function chatUrl(number, rest) {
  return `api/chats/${encodeURIComponent(number)}${rest}`;
}

async function answerOf(response) {
  const body = response.status === 204 ? {} : await response.json();
  if (response.ok || body.message) return body;
  throw Object.assign(new Error(body.error?.message ?? 'The sandbox did not answer.'), {
    status: response.status,
  });
}

async function post(url, body) {
  const headers = { 'Content-Type': 'application/json' };
  return answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** Sends a text; resolves with `{message}`, also when the app refused it. Throws when the sandbox did. */
export const sendText = (number, writing) => post(chatUrl(number, '/messages'), writing);
export const sendTap = (number, tap) => post(chatUrl(number, '/taps'), tap);
export const sendAgain = (number, key) => post(chatUrl(number, '/retries'), { key });
export const markRead = (number, upTo) => post(chatUrl(number, '/read'), { upTo });
export const addPhone = () => post('api/phones', {});
export const sendPlace = (number, place) => post(chatUrl(number, '/locations'), place);
export const sendContact = (number, contact) => post(chatUrl(number, '/contacts'), contact);
export const sendCall = (number, call) => post(chatUrl(number, '/calls'), call);
export const sendReaction = (number, reaction) => post(chatUrl(number, '/reactions'), reaction);
export const sendEdit = (number, edit) => post(chatUrl(number, '/edits'), edit);
export const sendRevocation = (number, revocation) => post(chatUrl(number, '/revocations'), revocation);

/** Sends a file with an optional caption, or as a voice note. */
export async function sendFile(number, { key, file, caption, voice }) {
  const query = new URLSearchParams({ key, fileName: file.name, caption, ...(voice && { voice: '1' }) });
  const headers = { 'Content-Type': file.type };
  return answerOf(
    await fetch(chatUrl(number, `/attachments?${query}`), { method: 'POST', headers, body: file }),
  );
}

/** The messages before the one with this id. */
export async function fetchEarlier(number, before) {
  return answerOf(await fetch(chatUrl(number, `?${new URLSearchParams({ before })}`)));
}

/** Where the file of a message can be opened. */
export function fileUrl(id) {
  return `api/files/${encodeURIComponent(id)}`;
}

/**
 * Follows one phone. `on` is called with each event's name and data; `connected` with whether the line is up.
 * Every connection begins with a whole snapshot, so after an outage nothing is missing. Returns a function
 * that ends it.
 */
export function follow(number, on, connected) {
  let source;
  let timer;
  let retryMs = FIRST_RETRY_MS;
  const open = () => {
    source = new EventSource(`api/stream?${new URLSearchParams({ phone: number })}`);
    for (const name of ['snapshot', 'message', 'typing', 'phone']) {
      source.addEventListener(name, ({ data }) => on(name, JSON.parse(data)));
    }
    source.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS;
      connected(true);
    });
    source.addEventListener('error', () => {
      connected(false);
      // The browser comes back by itself after a cut, but not after an HTTP error.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
