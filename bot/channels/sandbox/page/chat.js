import { makeBubble } from './bubble.js';
import { byId, icon, make } from './element.js';
import { closeMenu } from './menu.js';
import { dayOf, gist, isGesture } from './wording.js';

const NEAR_END_PX = 90;
const TYPING_MS = 25_000;

/** The list of messages of the open chat: drawing, scrolling, what is new. */
export class Chat {
  #messages = new Map();
  #items = new Map();
  #deskName = '';
  #actions;
  #onSeen;
  #news = 0;
  /** Whether the newest message is kept in view. */
  #following = true;
  #lastTop = 0;
  #typingTimer;
  #box = byId('chat');
  #list = byId('messages');

  /** `actions` are those of a bubble, plus `earlier()`; `onSeen(id)` is told how far the chat has been seen. */
  constructor(actions, onSeen) {
    this.#actions = { ...actions, show: (id) => this.#show(id) };
    this.#onSeen = onSeen;
    // Not every browser lets the keyboard into a scrolling box by itself.
    this.#box.tabIndex = 0;
    this.#box.addEventListener('scroll', () => this.#noticePlace(), { passive: true });
    document.addEventListener('visibilitychange', () => this.#noticePlace());
    // A keyboard or a growing composer makes the box smaller: the newest message stays in view.
    new ResizeObserver(() => this.#settle()).observe(this.#box);
    // A picture grows when it has loaded, and `load` does not bubble.
    this.#list.addEventListener('load', () => this.#settle(), true);
    byId('newest').prepend(icon('chevron'));
    byId('newest').addEventListener('click', () => this.toEnd('smooth'));
    byId('earlier').addEventListener('click', () => actions.earlier([...this.#messages.keys()][0]));
  }

  /** Shows a chat anew, keeping what only this page knows. `sameChat` keeps the place on the screen. */
  reset({ messages, hasEarlier, deskName }, sameChat) {
    const local = sameChat ? [...this.#messages.values()].filter((message) => message.local) : [];
    this.#deskName = deskName;
    this.#messages.clear();
    for (const message of messages) this.#messages.set(message.id, message);
    for (const message of local) if (!this.#messages.has(message.id)) this.#messages.set(message.id, message);
    byId('earlier').hidden = !hasEarlier;
    this.typing(false);
    const { scrollTop } = this.#box;
    this.#redraw();
    if (!sameChat || this.#following) this.toEnd();
    else this.#box.scrollTop = scrollTop;
  }

  /** Puts older messages above, without moving what is on the screen. */
  prepend({ messages, hasEarlier }) {
    const fromEnd = this.#box.scrollHeight - this.#box.scrollTop;
    const later = [...this.#messages];
    this.#messages = new Map([...messages.map((message) => [message.id, message]), ...later]);
    byId('earlier').hidden = !hasEarlier;
    this.#redraw();
    this.#box.scrollTop = this.#box.scrollHeight - fromEnd;
  }

  /** Adds a message or replaces the one with its id. */
  put(message) {
    const before = this.#messages.get(message.id);
    if (JSON.stringify(before) === JSON.stringify(message)) return;
    this.#messages.set(message.id, message);
    if (!hasBubble(message)) this.#remove(message);
    else if (this.#items.has(message.id)) this.#replace(message);
    else this.#append(message);
    if (!before && message.from === 'desk') this.#announce(message);
    if (this.#following || (!before && message.from === 'buyer')) this.toEnd();
  }

  get(id) {
    return this.#messages.get(id);
  }

  /** Shows or hides the typing sign; it goes by itself when nothing comes. */
  typing(on) {
    clearTimeout(this.#typingTimer);
    byId('typing').hidden = !on;
    byId('desk').classList.toggle('is-typing', on);
    if (on) this.#typingTimer = setTimeout(() => this.typing(false), TYPING_MS);
    this.#settle();
  }

  toEnd(behavior = 'instant') {
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior });
    this.#noticePlace();
  }

  get #atEnd() {
    return this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < NEAR_END_PX;
  }

  #settle() {
    if (this.#following) this.toEnd();
  }

  #noticePlace() {
    const { scrollTop } = this.#box;
    if (scrollTop !== this.#lastTop) closeMenu();
    // Only the reader's own way up leaves the end: a picture that loads moves the end away, not the reader.
    if (this.#atEnd) this.#following = true;
    else if (scrollTop < this.#lastTop) this.#following = false;
    this.#lastTop = scrollTop;
    if (this.#following && document.visibilityState === 'visible') {
      this.#news = 0;
      const newest = [...this.#messages.values()].findLast(({ from }) => from === 'desk');
      if (newest && newest.state !== 'read') this.#onSeen(newest.id);
    }
    this.#offerNewest();
  }

  #offerNewest() {
    const button = byId('newest');
    button.hidden = this.#following;
    button.dataset.news = this.#news > 0 ? String(Math.min(this.#news, 99)) : '';
  }

  #announce(message) {
    if (!this.#following) this.#news += 1;
    this.#offerNewest();
    byId('announcer').textContent = `${this.#deskName}: ${gist(message)}`;
  }

  #redraw() {
    this.#items.clear();
    this.#list.replaceChildren();
    byId('empty').hidden = this.#messages.size > 0;
    for (const message of this.#messages.values()) {
      if (hasBubble(message)) this.#append(message).classList.add('still');
    }
  }

  #append(message) {
    byId('empty').hidden = true;
    const previous = this.#list.lastElementChild;
    const day = dayOf(message.at);
    const newDay = previous?.dataset.day !== day;
    if (newDay) this.#list.append(make('li', { class: 'day', 'data-day': day }, make('span', {}, day)));
    const item = this.#draw(message);
    item.classList.toggle('follows', !newDay && previous.dataset.from === message.from);
    this.#list.append(item);
    return item;
  }

  #remove({ id }) {
    this.#items.get(id)?.remove();
    this.#items.delete(id);
  }

  #replace(message) {
    const old = this.#items.get(message.id);
    const hadFocus = old.contains(document.activeElement);
    const item = this.#draw(message);
    item.classList.toggle('follows', old.classList.contains('follows'));
    item.classList.add('still');
    old.replaceWith(item);
    // A button that was tapped is drawn anew as answered: focus must not fall back to the top of the page.
    if (hadFocus) item.focus({ preventScroll: true });
  }

  #draw(message) {
    const quoted = message.quoted && this.#messages.get(message.quoted);
    const item = makeBubble(message, quoted, this.#deskName, this.#actions);
    item.dataset.day = dayOf(message.at);
    item.dataset.from = message.from;
    this.#items.set(message.id, item);
    return item;
  }

  #show(id) {
    const item = this.#items.get(id);
    if (!item) return;
    item.scrollIntoView({ block: 'center', behavior: 'smooth' });
    item.classList.add('shown');
    item.addEventListener('animationend', () => item.classList.remove('shown'), { once: true });
    item.focus({ preventScroll: true });
  }
}

/** A reaction, edit or deletion shows on the message it is about; by itself only when it did not get through. */
function hasBubble(message) {
  return !isGesture(message) || message.state === 'undelivered';
}
