import { h } from './dom.js';
import { textObject } from './mrkdwn.js';
import { names } from './store.js';

/** Small things above the page: notices, menus and questions. */

const NOTICE_MS = 6000;

/** Shows a short notice for a few seconds; screen readers hear it. */
export function notice(text) {
  const toast = h('div', { class: 'toast' }, text);
  document.getElementById('toasts').append(toast);
  setTimeout(() => toast.remove(), NOTICE_MS);
}

/** Runs something and turns its failure into a notice. */
export async function attempt(task) {
  try {
    return await task();
  } catch (error) {
    notice(error instanceof Error ? error.message : 'That did not work.');
  }
}

/** Shows a menu below a button. Items are `{label, choose, danger?}`; Escape and clicks elsewhere close it. */
export function showMenu(button, items) {
  document.querySelector('.menu')?.remove();
  const menu = h(
    'div',
    { class: 'menu', role: 'menu' },
    items.map((item) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: item.danger ? 'danger' : '',
          onclick: () => {
            close();
            item.choose();
          },
        },
        item.label,
      ),
    ),
  );
  const close = () => {
    menu.remove();
    removeEventListener('pointerdown', outside, true);
    removeEventListener('keydown', keys, true);
    if (button.isConnected) button.focus();
  };
  const outside = (event) => {
    if (!menu.contains(event.target)) close();
  };
  const keys = (event) => {
    const choices = [...menu.querySelectorAll('button')];
    const at = choices.indexOf(document.activeElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') choices[(at + 1) % choices.length]?.focus();
    else if (event.key === 'ArrowUp') choices[(at + choices.length - 1) % choices.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  (button.closest('dialog') ?? document.body).append(menu);
  place(menu, button);
  menu.querySelector('button')?.focus();
  addEventListener('pointerdown', outside, true);
  addEventListener('keydown', keys, true);
}

/** Asks what an element's confirm object says. Resolves with true when confirmed. */
export function askToConfirm(confirm) {
  return new Promise((resolve) => {
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const dialog = h(
      'dialog',
      { class: 'dialog small', 'aria-labelledby': 'confirm-title', oncancel: () => answer(false) },
      h('h2', { id: 'confirm-title' }, textObject(confirm.title, names)),
      h('div', { class: 'dialog-body mrkdwn' }, textObject(confirm.text, names)),
      h(
        'footer',
        {},
        h(
          'button',
          { type: 'button', class: 'button', onclick: () => answer(false) },
          textObject(confirm.deny, names),
        ),
        h(
          'button',
          { type: 'button', class: `button ${confirm.style ?? 'primary'}`, onclick: () => answer(true) },
          textObject(confirm.confirm, names),
        ),
      ),
    );
    document.getElementById('dialogs').append(dialog);
    dialog.showModal();
  });
}

/** Asks for a line of text. Resolves with it, or undefined when given up. */
export function askForText(title, value) {
  return new Promise((resolve) => {
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const area = h('textarea', { class: 'input', rows: 4, value, 'aria-label': title });
    const dialog = h(
      'dialog',
      { class: 'dialog small', oncancel: () => finish(undefined) },
      h('h2', {}, title),
      h('div', { class: 'dialog-body' }, area),
      h(
        'footer',
        {},
        h('button', { type: 'button', class: 'button', onclick: () => finish(undefined) }, 'Cancel'),
        h('button', { type: 'button', class: 'button primary', onclick: () => finish(area.value) }, 'Save'),
      ),
    );
    document.getElementById('dialogs').append(dialog);
    dialog.showModal();
  });
}

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 6;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  menu.style.top = `${below + height < innerHeight ? below : Math.max(8, at.top - height - 6)}px`;
}
