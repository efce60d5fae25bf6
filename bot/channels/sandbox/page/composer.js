import { byId, icon, make } from './element.js';
import { gist, signOf, sizeOf } from './wording.js';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const ACCEPTED = /^(image\/(jpeg|png|webp|gif|heic)|application\/pdf|audio\/.+)$/;
const TALLEST_PX = 132;

/** The lower edge of the phone: suggestions, what is being answered or attached, and the text. */
export class Composer {
  #text = byId('text');
  #onSend;
  #deskName = '';
  #quoted;
  #file;

  /** `onSend({text, quoted?, file?})` takes what was written. */
  constructor(onSend) {
    this.#onSend = onSend;
    byId('send').append(icon('send'));
    document.querySelector('.attach').prepend(icon('attach'));
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener('input', () => this.#refresh());
    this.#text.addEventListener('keydown', (event) => this.#onKey(event));
    this.#text.addEventListener('paste', ({ clipboardData }) => this.#attach(clipboardData?.files[0]));
    byId('file').addEventListener('change', ({ target }) => {
      this.#attach(target.files[0]);
      target.value = '';
    });
  }

  /** Clears everything for another chat and offers its suggestions. */
  reset(samples, deskName) {
    this.#deskName = deskName;
    this.#text.value = '';
    this.#unpin();
    const chips = samples.map((sample) =>
      make(
        'button',
        { class: 'sample', type: 'button', dir: 'auto', onclick: () => this.#fill(sample) },
        sample,
      ),
    );
    byId('samples').replaceChildren(...chips);
    byId('samples').scrollTo({ left: 0 });
    this.#refresh();
  }

  /** Answers a message: the next text quotes it. */
  reply(message) {
    this.#unpin();
    this.#quoted = message;
    this.#pin(message.from === 'buyer' ? 'You' : this.#deskName, gist(message));
    this.#text.focus();
  }

  /** Says what went wrong above the text; undefined clears it. */
  tell(trouble) {
    byId('trouble').hidden = trouble === undefined;
    byId('trouble').textContent = trouble ?? '';
  }

  #fill(sample) {
    this.#text.value = sample;
    this.#text.focus();
    this.#refresh();
  }

  #onKey(event) {
    // While an input method composes, as for Devanagari, Enter picks a word.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'Escape') {
      this.#unpin();
      this.#refresh();
    }
  }

  #send() {
    const text = this.#text.value.trim();
    if (text === '' && !this.#file) return;
    this.#onSend({ text, quoted: this.#quoted?.id, file: this.#file });
    this.#text.value = '';
    this.#unpin();
    this.#refresh();
    this.#text.focus();
  }

  #attach(file) {
    if (!file) return;
    if (!ACCEPTED.test(file.type)) {
      this.tell('Only photographs, PDFs and recordings can be sent.');
    } else if (file.size > MAX_FILE_BYTES || file.size === 0) {
      this.tell(file.size === 0 ? 'This file is empty.' : 'Files can be up to 16 MB.');
    } else {
      this.#unpin();
      this.#file = file;
      const sign = signOf({ fileName: file.name, mimeType: file.type });
      this.#pin(file.name, `${sign} · ${sizeOf(file.size)}`);
    }
    this.#refresh();
    this.#text.focus();
  }

  #pin(title, detail) {
    const drop = make('button', { class: 'unpin', type: 'button', 'aria-label': 'Remove' }, icon('close'));
    drop.addEventListener('click', () => {
      this.#unpin();
      this.#refresh();
      this.#text.focus();
    });
    const words = make('div', { class: 'pinned-words' });
    words.append(make('strong', { dir: 'auto' }, title), make('span', { dir: 'auto' }, detail));
    byId('pinned').replaceChildren(words, drop);
    byId('pinned').hidden = false;
    this.tell(undefined);
  }

  #unpin() {
    this.#quoted = undefined;
    this.#file = undefined;
    byId('pinned').hidden = true;
    this.tell(undefined);
  }

  #refresh() {
    const empty = this.#text.value.trim() === '';
    byId('send').disabled = empty && !this.#file;
    byId('samples').hidden = !empty || Boolean(this.#file);
    this.#text.placeholder = this.#file ? 'Add a caption' : 'Message';
    this.#text.style.height = 'auto';
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, TALLEST_PX)}px`;
  }
}
