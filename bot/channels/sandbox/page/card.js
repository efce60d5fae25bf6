import { avatar, icon, make } from './element.js';
import { callOf, coordinatesOf, spaced } from './wording.js';

/** A place, a person or a call as it stands in a bubble; undefined for everything else. */
export function makeCard(body) {
  switch (body.kind) {
    case 'location':
      return makePlace(body);
    case 'contact':
      return makePerson(body);
    case 'call':
      return makeCall(body);
    default:
      return undefined;
  }
}

function makePlace(place) {
  const { latitudeDeg, longitudeDeg, name } = place;
  const query = new URLSearchParams({ mlat: latitudeDeg, mlon: longitudeDeg, zoom: 16 });
  return make(
    'a',
    {
      class: 'place',
      href: `https://www.openstreetmap.org/?${query}`,
      target: '_blank',
      rel: 'noopener noreferrer',
    },
    make('span', { class: 'place-map', 'aria-hidden': 'true' }, icon('pin')),
    make('span', { class: 'card-title', dir: 'auto' }, name ?? 'A place on the map'),
    make('span', { class: 'card-detail' }, coordinatesOf(place)),
  );
}

function makePerson({ name, phones }) {
  return make(
    'span',
    { class: 'person' },
    avatar(name, phones[0]),
    make(
      'span',
      { class: 'person-about' },
      make('span', { class: 'card-title', dir: 'auto' }, name),
      make('span', { class: 'card-detail' }, phones.map(spaced).join(', ')),
    ),
  );
}

function makeCall(call) {
  return make(
    'span',
    { class: 'person' },
    make('span', { class: 'call-sign' }, icon(call.video ? 'video' : 'phone')),
    make(
      'span',
      { class: 'person-about' },
      make('span', { class: 'card-title' }, callOf(call)),
      make('span', { class: 'card-detail' }, 'Not answered'),
    ),
  );
}
