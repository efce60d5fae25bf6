import { icon, make } from './element.js';
import { formatted } from './markup.js';
import { fileUrl } from './server.js';
import { clockOf, gist, signOf, sizeOf } from './wording.js';

const LONG_CHARS = 2_000;
const MOST_BUTTONS = 3;
const IMAGES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

/**
 * One message as a list item. `actions` are `reply`, `retry`, `tap(message, choice)`, `choose(message)` and
 * `show(id)`; `quoted` is the message it answers, if it is at hand.
 */
export function makeBubble(message, quoted, deskName, actions) {
  const own = message.from === 'buyer';
  const { body } = message;
  const bubble = make(
    'div',
    { class: `bubble bubble-${body.kind === 'file' ? body.media : 'text'}` },
    make('span', { class: 'unseen' }, own ? 'You: ' : `${deskName}: `),
    // A tap already marks its button: quoting the question again would only repeat it.
    quoted && body.kind !== 'choice' && makeQuote(quoted, deskName, actions),
    body.kind === 'file' && makeFile(message),
    ...makeText(body),
    makeMeta(message),
  );
  const reply = make(
    'button',
    { class: 'reply', type: 'button', 'aria-label': 'Reply to this message', title: 'Reply' },
    icon('reply'),
  );
  reply.addEventListener('click', () => actions.reply(message));
  bubble.addEventListener('dblclick', () => actions.reply(message));
  const row = make('div', { class: 'row' }, bubble, !message.local && reply);
  const item = make(
    'li',
    { class: `message ${own ? 'own' : 'theirs'}`, 'data-id': message.id, tabindex: '-1' },
    row,
  );
  if (body.kind === 'choices') {
    item.classList.add('asks');
    item.append(makeChoices(message, actions));
  }
  if (message.state === 'undelivered') item.append(makeRetry(message, actions));
  return item;
}

function makeQuote(quoted, deskName, actions) {
  const who = quoted.from === 'buyer' ? 'You' : deskName;
  return make(
    'button',
    { class: `quote quote-${quoted.from}`, type: 'button', onclick: () => actions.show(quoted.id) },
    make('span', { class: 'quote-who' }, who),
    make('span', { class: 'quote-text', dir: 'auto' }, gist(quoted)),
  );
}

function makeText(body) {
  const text = body.kind === 'choice' ? body.title : body.kind === 'file' ? body.caption : body.text;
  if (text === '') return [];
  const words = make('span', { class: 'words', dir: 'auto' });
  if (text.length <= LONG_CHARS) {
    words.append(formatted(text));
    return [words];
  }
  words.append(formatted(text.slice(0, LONG_CHARS)), '…');
  const more = make('button', { class: 'more', type: 'button' }, 'Read more');
  more.addEventListener('click', () => {
    words.replaceChildren(formatted(text));
    more.remove();
  });
  return [words, more];
}

function makeFile({ id, body, local }) {
  const address = local ? undefined : fileUrl(id);
  if (address && IMAGES.includes(body.mimeType)) {
    const image = make('img', { src: address, alt: body.fileName, loading: 'lazy' });
    return make('a', { class: 'picture', href: address, target: '_blank', rel: 'noopener' }, image);
  }
  if (address && body.media === 'audio') {
    return make('audio', {
      class: 'sound',
      controls: true,
      preload: 'none',
      src: address,
      'aria-label': body.fileName,
    });
  }
  const sign = signOf(body);
  return make(
    address ? 'a' : 'span',
    { class: 'file', href: address, target: address && '_blank', rel: address && 'noopener' },
    make(
      'span',
      { class: `file-sign file-${sign === 'PDF' ? 'pdf' : 'other'}`, 'aria-hidden': 'true' },
      sign,
    ),
    make(
      'span',
      { class: 'file-about' },
      make('span', { class: 'file-name', dir: 'auto' }, body.fileName),
      make('span', { class: 'file-size' }, `${sign} · ${sizeOf(body.sizeBytes)}`),
    ),
  );
}

const TICKS = {
  sending: ['clock', 'sending'],
  undelivered: ['alert', 'not delivered'],
  sent: ['tick', 'sent'],
  delivered: ['ticks', 'delivered'],
  read: ['ticks', 'read'],
};

function makeMeta({ at, from, state }) {
  const meta = make('span', { class: 'meta' }, make('time', { datetime: at }, clockOf(at)));
  if (from === 'buyer') {
    const [drawing, words] = TICKS[state];
    meta.append(
      make('span', { class: `ticks ticks-${state}`, role: 'img', 'aria-label': words }, icon(drawing)),
    );
  }
  return meta;
}

function makeChoices(message, actions) {
  const { choices, chosen } = message.body;
  const group = make('div', { class: 'choices', role: 'group', 'aria-label': 'Quick replies' });
  if (choices.length <= MOST_BUTTONS) {
    group.append(...choices.map((choice) => makeChoice(choice, chosen, () => actions.tap(message, choice))));
    return group;
  }
  const picked = choices.find(({ id }) => id === chosen);
  const button = picked
    ? makeChoice(picked, chosen)
    : make(
        'button',
        { class: 'choice', type: 'button', 'aria-haspopup': 'dialog' },
        icon('list'),
        'See the choices',
      );
  if (!picked) button.addEventListener('click', () => actions.choose(message));
  group.append(button);
  return group;
}

/** One quick reply; once the question is answered nothing can be tapped and the chosen one stays marked. */
export function makeChoice(choice, chosen, onTap) {
  const picked = choice.id === chosen;
  const button = make(
    'button',
    {
      class: `choice${picked ? ' chosen' : ''}`,
      type: 'button',
      disabled: chosen !== undefined,
      dir: 'auto',
    },
    picked && icon('check'),
    choice.title,
    picked && make('span', { class: 'unseen' }, ' (chosen)'),
  );
  if (onTap) button.addEventListener('click', onTap);
  return button;
}

function makeRetry(message, actions) {
  return make(
    'button',
    { class: 'retry', type: 'button', onclick: () => actions.retry(message) },
    'Not delivered. Tap to retry',
  );
}
