import { byId, icon, make } from './element.js';
import { openShare } from './share.js';
import { gist, signOf, sizeOf } from './wording.js';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const ACCEPTED =
  /^(image\/(jpeg|png|webp|gif|heic)|application\/(pdf|msword|vnd\.ms-excel|vnd\.openxmlformats.+)|text\/(plain|csv)|(audio|video)\/.+)$/;
const TALLEST_PX = 132;

/** The lower edge of the phone: suggestions, what is being answered or attached, and the text. */
export class Composer {
  #text = byId('text');
  #actions;
  #deskName = '';
  #quoted;
  #edited;
  #file;
  #isVoice = false;

  /**
   * `actions` are `send({text, quoted?, file?, voice?})` and `edit(message, text)` for what was written, and
   * `locate(place)` and `contact(card)` for what was shared.
   */
  constructor(actions) {
    this.#actions = actions;
    byId('send').append(icon('send'));
    byId('attach').append(icon('attach'));
    byId('attach').addEventListener('click', () =>
      openShare({
        ...actions,
        pickFile: (accept, voice) => this.#pickFile(accept, voice),
        tell: (trouble) => this.tell(trouble),
      }),
    );
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener('input', () => this.#refresh());
    this.#text.addEventListener('keydown', (event) => this.#onKey(event));
    this.#text.addEventListener('paste', ({ clipboardData }) => this.#attach(clipboardData?.files[0]));
    byId('file').addEventListener('change', ({ target }) => {
      this.#attach(target.files[0], this.#isVoice);
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

  /** Rewrites a message: what is sent next replaces its text. */
  edit(message) {
    this.#unpin();
    this.#edited = message;
    this.#pin('Edit message', gist(message));
    this.#fill(message.body.text);
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
      this.#drop();
    }
  }

  #send() {
    const text = this.#text.value.trim();
    if (text === '' && !this.#file) return;
    if (this.#edited) this.#actions.edit(this.#edited, text);
    else this.#actions.send({ text, quoted: this.#quoted?.id, file: this.#file, voice: this.#isVoice });
    this.#text.value = '';
    this.#unpin();
    this.#refresh();
    this.#text.focus();
  }

  #pickFile(accept, voice) {
    const input = byId('file');
    input.accept = accept;
    // On a phone this opens the recorder.
    input.toggleAttribute('capture', voice);
    this.#isVoice = voice;
    input.click();
  }

  #attach(file, voice = false) {
    if (!file) return;
    if (!ACCEPTED.test(file.type)) {
      this.tell('Only pictures, videos, recordings, PDFs, office documents and texts can be sent.');
    } else if (file.size > MAX_FILE_BYTES || file.size === 0) {
      this.tell(file.size === 0 ? 'This file is empty.' : 'Files can be up to 16 MB.');
    } else {
      this.#unpin();
      this.#file = file;
      this.#isVoice = voice;
      const sign = signOf({ fileName: file.name, mimeType: file.type });
      this.#pin(voice ? 'Voice note' : file.name, `${sign} · ${sizeOf(file.size)}`);
    }
    this.#refresh();
    this.#text.focus();
  }

  #pin(title, detail) {
    const drop = make('button', { class: 'unpin', type: 'button', 'aria-label': 'Remove' }, icon('close'));
    drop.addEventListener('click', () => {
      this.#drop();
      this.#text.focus();
    });
    const words = make('div', { class: 'pinned-words' });
    words.append(make('strong', { dir: 'auto' }, title), make('span', { dir: 'auto' }, detail));
    byId('pinned').replaceChildren(words, drop);
    byId('pinned').hidden = false;
    this.tell(undefined);
  }

  /** Lets go of what is pinned; the words of an edit go with it. */
  #drop() {
    if (this.#edited) this.#text.value = '';
    this.#unpin();
    this.#refresh();
  }

  #unpin() {
    this.#quoted = undefined;
    this.#edited = undefined;
    this.#file = undefined;
    this.#isVoice = false;
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
