/** What the page asks of the server that it came from. */

/** Asks for something; rejects with the server's words and status. */
export async function ask(action, question = {}) {
  return (await post(action, JSON.stringify(question), 'application/json')).json();
}

/** Sends a file's bytes; resolves with what the server says of it. */
export async function upload(blob) {
  return (await post('upload', blob, 'application/octet-stream')).json();
}

/** The bytes of a file. */
export async function download(directPath) {
  return (await checked(await fetch(`/stand-in/media?path=${encodeURIComponent(directPath)}`))).arrayBuffer();
}

/** Calls `take` with each event that the server has for this page. */
export function follow(sessionKey, take) {
  const events = new EventSource(`/stand-in/events?session=${encodeURIComponent(sessionKey)}`);
  events.onmessage = ({ data }) => take(JSON.parse(data));
}

/** Stops this thread, and with it everything that waits for an answer of the page, until the server lets go. */
export function standStill() {
  const request = new XMLHttpRequest();
  request.open('GET', '/stand-in/stillness', false);
  request.send();
}

async function post(action, body, type) {
  return checked(
    await fetch(`/stand-in/${action}`, { method: 'POST', body, headers: { 'Content-Type': type } }),
  );
}

async function checked(response) {
  if (response.ok) return response;
  throw Object.assign(new Error(await response.text()), { status: response.status });
}
