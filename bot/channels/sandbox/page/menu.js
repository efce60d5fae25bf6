import { byId, icon, make } from './element.js';

const EDGE_PX = 10;

let menu;
let opener;

document.addEventListener('pointerdown', ({ target }) => {
  if (menu && !menu.contains(target)) closeMenu();
});
document.addEventListener('keydown', (event) => {
  if (!menu) return;
  if (event.key === 'Escape') closeMenu();
  else if (event.key === 'ArrowDown' || event.key === 'ArrowRight') move(event, 1);
  else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft') move(event, -1);
});

/**
 * Opens a menu at a button: a row of emoji, then a list. Each is `{words, onPick}`, an emoji may be `isChosen`
 * and an item has the name of its `drawing`.
 */
export function openMenu(button, emoji, items) {
  closeMenu();
  opener = button;
  const pick = (onPick) => () => {
    closeMenu();
    onPick();
  };
  const faces = emoji.map(({ words, isChosen, onPick }) =>
    make(
      'button',
      {
        class: `menu-emoji${isChosen ? ' chosen' : ''}`,
        type: 'button',
        role: 'menuitem',
        'aria-label': isChosen ? `Take ${words} back` : `React ${words}`,
        onclick: pick(onPick),
      },
      words,
    ),
  );
  const rows = items.map(({ words, drawing, onPick }) =>
    make(
      'button',
      { class: 'menu-item', type: 'button', role: 'menuitem', onclick: pick(onPick) },
      icon(drawing),
      words,
    ),
  );
  menu = make('div', { class: 'menu', role: 'menu' }, make('div', { class: 'menu-row' }, ...faces), ...rows);
  byId('screen').append(menu);
  place(menu, button);
  faces[0].focus({ preventScroll: true });
}

/** Closes the menu, if there is one, and gives the focus back. */
export function closeMenu() {
  if (!menu) return;
  const hadFocus = menu.contains(document.activeElement);
  menu.remove();
  menu = undefined;
  if (hadFocus && opener.isConnected) opener.focus({ preventScroll: true });
}

/** Over the button, or under it where there is no room, and inside the screen. */
function place(box, button) {
  const screen = byId('screen').getBoundingClientRect();
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = at.left + at.width / 2 - width / 2 - screen.left;
  const above = at.top - screen.top - height - EDGE_PX;
  const top = above > EDGE_PX ? above : at.bottom - screen.top + EDGE_PX;
  box.style.left = `${Math.max(EDGE_PX, Math.min(left, screen.width - width - EDGE_PX))}px`;
  box.style.top = `${Math.min(top, screen.height - height - EDGE_PX)}px`;
}

function move(event, by) {
  event.preventDefault();
  const buttons = [...menu.querySelectorAll('button')];
  const next = buttons.indexOf(document.activeElement) + by;
  buttons[(next + buttons.length) % buttons.length].focus();
}
