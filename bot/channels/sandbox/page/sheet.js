import { byId, icon } from './element.js';

let opener;

/** Prepares the sheet that slides over the phone. */
export function prepareSheet() {
  byId('sheet-close').append(icon('close'));
  byId('sheet-close').addEventListener('click', closeSheet);
  byId('scrim').addEventListener('click', closeSheet);
  byId('sheet').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeSheet();
  });
}

/** Slides the sheet up with a title and content; the phone below waits until it is closed. */
export function openSheet(title, ...content) {
  opener = document.activeElement;
  byId('sheet-title').textContent = title;
  byId('sheet-body').replaceChildren(...content);
  byId('sheet').hidden = false;
  byId('scrim').hidden = false;
  byId('screen').inert = true;
  const first = byId('sheet-body').querySelector('[aria-current="true"], button, input');
  (first ?? byId('sheet-close')).focus();
}

/** Closes the sheet and gives the focus back to what opened it. */
export function closeSheet() {
  byId('sheet').hidden = true;
  byId('scrim').hidden = true;
  byId('screen').inert = false;
  if (opener?.isConnected) opener.focus();
}

/** Whether the sheet is open. */
export function sheetIsOpen() {
  return !byId('sheet').hidden;
}
