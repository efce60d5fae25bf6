import { icon, make } from './element.js';
import { closeSheet, openSheet } from './sheet.js';

const PICTURES = 'image/jpeg,image/png,image/webp,image/gif,image/heic,video/*';
const DOCUMENTS = '.pdf,.doc,.docx,.xls,.xlsx,.csv,.txt,application/pdf';
const PLACES = [
  { name: 'Bandra Kurla Complex, Mumbai', latitudeDeg: 19.0669, longitudeDeg: 72.8656 },
  { name: 'Pune railway station', latitudeDeg: 18.5289, longitudeDeg: 73.8744 },
  { name: 'Indiranagar, Bengaluru', latitudeDeg: 12.9719, longitudeDeg: 77.6412 },
];
const FRIEND = { name: 'Ravi Kumar', number: '+919999900011' };
const LOCATE_MS = 10_000;

/**
 * What a phone can share, on a sheet. `actions` are `pickFile(accept, voice)`, `locate(place)`,
 * `contact({name, phones})` and `tell(trouble)`.
 */
export function openShare(actions) {
  const tile = (name, words, drawing, onPick) =>
    make(
      'button',
      { class: `tile tile-${name}`, type: 'button', onclick: onPick },
      make('span', { class: 'tile-sign' }, icon(drawing)),
      words,
    );
  const pickFile = (accept, voice) => () => {
    closeSheet();
    actions.pickFile(accept, voice);
  };
  const tiles = [
    tile('picture', 'Photo, video', 'picture', pickFile(PICTURES, false)),
    tile('document', 'Document', 'file', pickFile(DOCUMENTS, false)),
    tile('voice', 'Voice note', 'microphone', pickFile('audio/*', true)),
    tile('place', 'Location', 'pin', () => openPlaces(actions)),
    tile('person', 'Contact', 'person', () => openContact(actions)),
  ];
  openSheet('Share', make('div', { class: 'tiles' }, ...tiles));
}

function openPlaces(actions) {
  const row = (words, drawing, onPick) =>
    make(
      'button',
      {
        class: 'place-row',
        type: 'button',
        onclick: () => {
          closeSheet();
          onPick();
        },
      },
      icon(drawing),
      words,
    );
  const places = PLACES.map((place) => row(place.name, 'pin', () => actions.locate(place)));
  openSheet(
    'Share a location',
    row('Where I am now', 'here', () => locateMe(actions)),
    ...places,
  );
}

function locateMe({ locate, tell }) {
  const found = ({ coords }) => locate({ latitudeDeg: coords.latitude, longitudeDeg: coords.longitude });
  const lost = () => tell('This browser does not say where you are. Pick a place instead.');
  if (navigator.geolocation) navigator.geolocation.getCurrentPosition(found, lost, { timeout: LOCATE_MS });
  else lost();
}

function openContact({ contact }) {
  const name = make('input', {
    name: 'name',
    required: true,
    maxlength: '60',
    autocomplete: 'off',
    value: FRIEND.name,
  });
  const number = make('input', {
    name: 'number',
    type: 'tel',
    required: true,
    pattern: '\\+[1-9][0-9]{6,14}',
    title: 'A number such as +919999900011',
    autocomplete: 'off',
    value: FRIEND.number,
  });
  const form = make(
    'form',
    { class: 'contact-form' },
    make('label', {}, make('span', {}, 'Name'), name),
    make('label', {}, make('span', {}, 'Number'), number),
    make('button', { class: 'primary', type: 'submit' }, 'Send contact'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    closeSheet();
    contact({ name: name.value.trim(), phones: [number.value] });
  });
  openSheet('Share a contact', form);
  name.select();
}
