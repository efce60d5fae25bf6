import { makeCard } from './card.js';
import { icon, make } from './element.js';
import { formatted } from './markup.js';
import { openMenu } from './menu.js';
import { fileUrl } from './server.js';
import { clockOf, gist, isGesture, signOf, sizeOf } from './wording.js';

const LONG_CHARS = 2_000;
const MOST_BUTTONS = 3;
const IMAGES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

const EMOJI = ['👍', '❤️', '🙏', '😂', '😮', '👎'];

/**
 * One message as a list item. `actions` are `reply`, `react(message, emoji)`, `edit`, `revoke`, `retry`,
 * `tap(message, choice)`, `choose(message)` and `show(id)`; `quoted` is the message it answers, if it is at hand.
 */
export function makeBubble(message, quoted, deskName, actions) {
  const own = message.from === 'buyer';
  const { body, reaction } = message;
  const bubble = make(
    'div',
    { class: `bubble bubble-${body.kind === 'file' ? body.media : body.kind}` },
    make('span', { class: 'unseen' }, own ? 'You: ' : `${deskName}: `),
    ...(message.revoked ? [makeDeleted()] : makeContent(message, quoted, deskName, actions)),
    makeMeta(message),
    reaction && makeReaction(message, actions),
  );
  const canAct = !message.local && !message.revoked && !isGesture(message);
  const row = make('div', { class: 'row' }, bubble, canAct && makeMore(message, bubble, actions));
  const item = make(
    'li',
    {
      class: `message ${own ? 'own' : 'theirs'}${reaction ? ' reacted' : ''}`,
      'data-id': message.id,
      tabindex: '-1',
    },
    row,
  );
  if (body.kind === 'choices') {
    item.classList.add('asks');
    item.append(makeChoices(message, actions));
  }
  if (message.state === 'undelivered') item.append(makeRetry(message, actions));
  return item;
}

function makeContent(message, quoted, deskName, actions) {
  const { body } = message;
  return [
    // A tap already marks its button: quoting the question again would only repeat it.
    quoted && body.kind !== 'choice' && makeQuote(quoted, deskName, actions),
    body.kind === 'file' && makeFile(message),
    makeCard(body),
    ...makeText(message),
  ];
}

function makeDeleted() {
  return make('span', { class: 'deleted' }, icon('banned'), 'You deleted this message');
}

function makeReaction(message, actions) {
  const { reaction } = message;
  return make(
    'button',
    {
      class: 'reaction',
      type: 'button',
      'aria-label': `You reacted ${reaction}. Take it back`,
      title: 'Take it back',
      onclick: () => actions.react(message, null),
    },
    reaction,
  );
}

/** The button beside a bubble, with everything that can be done with its message; a long press opens it too. */
function makeMore(message, bubble, actions) {
  const more = make(
    'button',
    { class: 'act', type: 'button', 'aria-haspopup': 'menu', 'aria-label': 'React, reply and more' },
    icon('more'),
  );
  const open = () => openMenu(more, ...menuOf(message, actions));
  more.addEventListener('click', open);
  bubble.addEventListener('dblclick', () => actions.reply(message));
  bubble.addEventListener('contextmenu', (event) => {
    if (event.target.closest('a, audio, video')) return;
    event.preventDefault();
    open();
  });
  return more;
}

function menuOf(message, actions) {
  const { from, body, reaction } = message;
  const emoji = EMOJI.map((each) => ({
    words: each,
    isChosen: each === reaction,
    onPick: () => actions.react(message, each === reaction ? null : each),
  }));
  const item = (words, drawing, onPick) => ({ words, drawing, onPick });
  const own = from === 'buyer';
  const items = [
    item('Reply', 'reply', () => actions.reply(message)),
    own && body.kind === 'text' && item('Edit', 'edit', () => actions.edit(message)),
    own && body.kind !== 'call' && item('Delete for everyone', 'bin', () => actions.revoke(message)),
  ];
  return [emoji, items.filter(Boolean)];
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

function textOf(message) {
  const { body } = message;
  if (isGesture(message)) return gist(message);
  return { choice: body.title, file: body.caption }[body.kind] ?? body.text ?? '';
}

function makeText(message) {
  const text = textOf(message);
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
  if (address && body.media === 'video') {
    return make('video', { class: 'film', controls: true, preload: 'metadata', src: address });
  }
  if (address && body.media === 'audio') {
    const sound = make('audio', {
      class: 'sound',
      controls: true,
      preload: 'none',
      src: address,
      'aria-label': body.voice ? 'Voice note' : body.fileName,
    });
    if (!body.voice) return sound;
    return make('span', { class: 'voice' }, make('span', { class: 'voice-sign' }, icon('microphone')), sound);
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

function makeMeta({ at, from, state, edited, revoked }) {
  const meta = make(
    'span',
    { class: 'meta' },
    edited && !revoked && 'edited',
    make('time', { datetime: at }, clockOf(at)),
  );
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
