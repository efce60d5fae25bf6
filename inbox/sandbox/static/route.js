/** Where the page is: `#/home`, `#/<channel>`, `#/<channel>/<message>` or `#/<channel>/<message>/<thread>`. */

/** The place the address names. `focus` is the ts of the message a link led to. */
export function route() {
  const [place = '', ts, thread] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { place, focus: ts || undefined, threadTs: thread || undefined };
}

export function openChannel(channelId) {
  location.hash = `#/${channelId}`;
}

/** Opens a thread beside its channel. */
export function openThread(channelId, threadTs) {
  location.hash = `#/${channelId}/-/${threadTs}`;
}

export function closeThread() {
  openChannel(route().place);
}
