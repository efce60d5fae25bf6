import { makeForm, renderBlocks } from './blocks.js';
import { h, icon } from './dom.js';
import { emoji, withEmoji } from './emoji.js';
import { mrkdwn } from './mrkdwn.js';
import { askForText, attempt, notice, showMenu } from './overlays.js';
import { openThread } from './route.js';
import { act, names, state, userName } from './store.js';

/** One message: who, when, what, its files, reactions and thread. */

const QUICK_REACTIONS = ['+1', 'eyes', 'white_check_mark', 'pray', 'tada'];

/**
 * Renders a message. `where.grouped` leaves out the author of a run of messages, `where.inThread` the thread's
 * summary, `where.unread` marks news in the thread, `where.focused` shows the one a link led to.
 */
export function renderMessage(message, where) {
  const classes = [
    'message',
    where.grouped && 'grouped',
    message.ephemeral && 'ephemeral',
    where.focused && 'focused',
  ];
  return h(
    'article',
    { class: classes.filter(Boolean).join(' '), id: `${where.inThread ? 't' : 'm'}${message.ts}` },
    where.grouped ? h('span', { class: 'gutter' }, clock(message.ts)) : avatar(message.user),
    h(
      'div',
      { class: 'message-body' },
      where.grouped ? null : byline(message),
      message.ephemeral ? h('p', { class: 'only-you' }, icon('eye'), 'Only visible to you') : null,
      content(message),
      files(message),
      reactions(message),
      where.inThread ? null : threadSummary(message, where.unread),
    ),
    message.subtype === 'tombstone' ? null : toolbar(message, where),
  );
}

/** A person's or the app's picture: initials on a colour of their own. */
export function avatar(userId) {
  if (userId === state.app.userId) {
    return h(
      'span',
      { class: 'avatar app-avatar', 'aria-hidden': 'true' },
      h('img', { src: 'icon.svg', alt: '' }),
    );
  }
  const name = (userName(userId) ?? '?').replace(/^Adv\. /, '');
  const initials = name
    .split(' ')
    .map((word) => word[0])
    .slice(0, 2)
    .join('');
  const tint = [...state.members.keys()].indexOf(userId) % 8;
  return h('span', { class: `avatar tint-${tint}`, 'aria-hidden': 'true' }, initials);
}

/** The time of day of a ts. */
function clock(ts) {
  return new Intl.DateTimeFormat('en-IN', { hour: 'numeric', minute: '2-digit' }).format(Number(ts) * 1000);
}

function byline(message) {
  const name = message.username ?? userName(message.user) ?? 'Someone';
  const at = new Date(Number(message.ts) * 1000);
  return h(
    'div',
    { class: 'byline' },
    h('strong', {}, name),
    message.bot_id ? h('span', { class: 'tag' }, 'App') : null,
    h('time', { datetime: at.toISOString(), title: at.toLocaleString('en-IN') }, clock(message.ts)),
  );
}

function content(message) {
  const form = makeForm(`f${message.ts}`, (use) =>
    attempt(() => act('click', { channel: message.channel, ts: message.ts, ...use })),
  );
  const edited = message.edited ? h('small', { class: 'edited' }, ' (edited)') : null;
  const said = message.blocks?.length
    ? h(
        'div',
        { class: isPlain(message.blocks) ? 'blocks plain' : 'blocks' },
        renderBlocks(message.blocks, form),
      )
    : h('div', { class: 'mrkdwn' }, mrkdwn(message.text, names), edited);
  return [said, (message.attachments ?? []).map((attachment) => renderAttachment(attachment, form))];
}

/** Blocks that are only words need no card around them. */
function isPlain(blocks) {
  return blocks.every(
    (block) => block.type === 'context' || (block.type === 'section' && !block.accessory && !block.fields),
  );
}

function renderAttachment(attachment, form) {
  const words = attachment.text ?? attachment.fallback;
  const box = h(
    'div',
    { class: 'attachment blocks' },
    attachment.blocks
      ? renderBlocks(attachment.blocks, form)
      : h('div', { class: 'mrkdwn' }, mrkdwn(words ?? '', names)),
  );
  if (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? '')) {
    box.style.borderInlineStartColor = `#${attachment.color.replace('#', '')}`;
  }
  return box;
}

function files(message) {
  if (!message.files?.length) return null;
  return h(
    'div',
    { class: 'files' },
    message.files.map((file) => {
      const href = `page/file/${encodeURIComponent(file.id)}`;
      const link = { href, target: '_blank', rel: 'noopener' };
      if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype))
        return h('a', { ...link, class: 'shot' }, h('img', { src: href, alt: file.title, loading: 'lazy' }));
      const player = /^(audio|video)\//.exec(file.mimetype)?.[1];
      return [
        fileLink(file, link),
        player
          ? h(player, {
              src: href,
              controls: true,
              preload: 'none',
              class: 'player',
              'aria-label': file.title,
            })
          : null,
      ];
    }),
  );
}

function fileLink(file, link) {
  const about = `${file.filetype.toUpperCase()} · ${size(file.size)}`;
  return h(
    'a',
    { ...link, class: 'file' },
    icon('file'),
    h('span', {}, h('strong', {}, file.title), h('small', {}, about)),
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h(
    'div',
    { class: 'reactions' },
    message.reactions.map((reaction) =>
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(reaction.users.includes(state.me)),
          title: `${reaction.users.map(userName).join(', ')} reacted with :${reaction.name}:`,
          onclick: () => toggle(message, reaction.name),
        },
        `${withEmoji(`:${reaction.name}:`)} ${reaction.count}`,
      ),
    ),
  );
}

function threadSummary(message, unread) {
  if (!message.reply_count) return null;
  const count = message.reply_count;
  return h(
    'button',
    { type: 'button', class: 'replies', onclick: () => openThread(message.channel, message.ts) },
    h('span', { class: 'faces' }, message.reply_users.slice(0, 3).map(avatar)),
    h('strong', {}, `${count} ${count === 1 ? 'reply' : 'replies'}`),
    unread ? h('span', { class: 'tag new' }, 'New') : null,
    h('span', { class: 'soft' }, `last at ${clock(message.latest_reply)}`),
  );
}

function toolbar(message, where) {
  if (message.ephemeral) {
    const dismiss = () => attempt(() => act('dismiss', { ts: message.ts }));
    return h('div', { class: 'tools' }, tool('close', 'Dismiss', dismiss));
  }
  const react = tool('smile', 'Add a reaction', () =>
    showMenu(
      react,
      QUICK_REACTIONS.map((name) => ({
        label: `${emoji(name)}  ${name.replaceAll('_', ' ')}`,
        choose: () => toggle(message, name),
      })),
    ),
  );
  const more = tool('more', 'More', () => showMenu(more, menuItems(message)));
  const reply = tool('reply', 'Reply in thread', () =>
    openThread(message.channel, message.thread_ts ?? message.ts),
  );
  return h('div', { class: 'tools' }, react, where.inThread ? null : reply, more);
}

function tool(name, label, onclick) {
  return h('button', { type: 'button', 'aria-label': label, title: label, onclick }, icon(name));
}

function menuItems(message) {
  const { channel, ts } = message;
  const shortcuts = state.shortcuts.map(({ name, callbackId }) => ({
    label: name,
    choose: () => attempt(() => act('shortcut', { channel, ts, callbackId })),
  }));
  const link = { label: 'Copy link', choose: () => copyLink(message) };
  if (message.user !== state.me) return [...shortcuts, link];
  return [...shortcuts, link, { label: 'Edit', choose: () => edit(message) }, remove(message)];
}

async function edit(message) {
  const plain = h('div', {}, mrkdwn(message.text, names)).textContent;
  const text = await askForText('Edit message', plain);
  if (text?.trim()) await attempt(() => act('edit', { channel: message.channel, ts: message.ts, text }));
}

function remove({ channel, ts }) {
  return { label: 'Delete', danger: true, choose: () => attempt(() => act('delete', { channel, ts })) };
}

async function copyLink(message) {
  const thread = message.thread_ts && message.thread_ts !== message.ts ? `/${message.thread_ts}` : '';
  const address = `${location.origin}${location.pathname}#/${message.channel}/${message.ts}${thread}`;
  await attempt(() => navigator.clipboard.writeText(address));
  notice('Link copied.');
}

function toggle(message, name) {
  return attempt(() => act('react', { channel: message.channel, ts: message.ts, name }));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
