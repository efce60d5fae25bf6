import { avatar, byId, icon, make } from './element.js';
import { closeSheet, openSheet } from './sheet.js';
import { ownerOf, spaced, whenOf } from './wording.js';

const SEARCH_FROM = 8;

/** The list of phones and the button at the top that opens it. */
export class Switcher {
  #phones = new Map();
  #number;
  #onPick;
  #onAdd;
  #list = make('ul', { class: 'phones' });

  constructor(onPick, onAdd) {
    this.#onPick = onPick;
    this.#onAdd = onAdd;
    byId('owner').append(icon('chevron'));
    byId('owner').addEventListener('click', () => this.#open());
  }

  /** The phones as the server lists them, and which one is open. */
  reset(phones, number) {
    this.#phones = new Map(phones.map((phone) => [phone.number, phone]));
    this.#number = number;
    this.#draw();
  }

  /** Adds a phone or replaces the one with its number. */
  put(phone) {
    this.#phones.set(phone.number, phone);
    this.#draw();
  }

  get(number) {
    return this.#phones.get(number);
  }

  #open() {
    const add = make(
      'button',
      { class: 'add', type: 'button', onclick: () => this.#onAdd() },
      icon('plus'),
      'New number',
    );
    const search = make('input', {
      class: 'search',
      type: 'search',
      placeholder: 'Search name or number',
      'aria-label': 'Search name or number',
    });
    search.addEventListener('input', () => this.#drawList(search.value));
    this.#drawList('');
    openSheet('Whose phone?', ...(this.#phones.size >= SEARCH_FROM ? [search] : []), this.#list, add);
  }

  #draw() {
    const current = this.#phones.get(this.#number);
    const name = current ? ownerOf(current) : spaced(this.#number);
    byId('owner-name').textContent = name;
    byId('owner-number').textContent = current?.name ? spaced(this.#number) : '';
    byId('owner').setAttribute('aria-label', `${name}'s phone. Change the buyer`);
    document.title = `${name} · Buyer's phone`;
    const elsewhere = [...this.#phones.values()].filter(({ number }) => number !== this.#number);
    const unread = elsewhere.reduce((sum, phone) => sum + phone.unread, 0);
    byId('owner-unread').hidden = unread === 0;
    byId('owner-unread').textContent = unread > 99 ? '99+' : String(unread);
    // Not while it is open: a row must not move away under the finger.
    if (!this.#list.isConnected) this.#drawList('');
  }

  #drawList(wanted) {
    const found = [...this.#phones.values()]
      .filter((phone) => matches(phone, wanted))
      .sort((a, b) => (b.last?.at ?? '').localeCompare(a.last?.at ?? ''));
    this.#list.replaceChildren(...found.map((phone) => this.#row(phone)));
  }

  #row(phone) {
    const { number, last, unread } = phone;
    const pick = () => {
      closeSheet();
      this.#onPick(number);
    };
    const button = make(
      'button',
      {
        class: 'phone-row',
        type: 'button',
        'aria-current': number === this.#number && 'true',
        onclick: pick,
      },
      avatar(ownerOf(phone), number),
      make(
        'span',
        { class: 'phone-about' },
        make('span', { class: 'phone-owner', dir: 'auto' }, ownerOf(phone)),
        make('span', { class: 'phone-last', dir: 'auto' }, last ? last.text : spaced(number)),
      ),
      make(
        'span',
        { class: 'phone-side' },
        last && make('time', { datetime: last.at }, whenOf(last.at)),
        unread > 0 &&
          make('span', { class: 'badge', 'aria-label': `${unread} unread` }, String(Math.min(unread, 99))),
      ),
    );
    return make('li', {}, button);
  }
}

function matches({ name = '', number }, wanted) {
  const words = wanted.trim().toLowerCase();
  const digits = words.replace(/\D/g, '');
  return name.toLowerCase().includes(words) || (digits !== '' && number.includes(digits));
}
