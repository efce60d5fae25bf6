import { h, icon } from './dom.js';
import { avatar } from './message.js';
import { route } from './route.js';
import { actAs, state, unreadCount } from './store.js';

/** The left side: workspace, Home, channels with their unread counts, and the members one can act as. */

/** Shows the sidebar as things stand. */
export function showSidebar() {
  const channels = [...state.channels.values()];
  document.getElementById('sidebar').replaceChildren(
    h(
      'header',
      { class: 'workspace' },
      h('img', { src: 'icon.svg', alt: '', width: 32, height: 32 }),
      h('div', {}, h('h1', {}, state.workspace), h('p', { class: 'soft' }, `with ${state.app.name}`)),
    ),
    h(
      'div',
      { class: 'sidebar-scroll' },
      h('ul', {}, entry('home', [icon('home'), h('span', { class: 'grow' }, 'Home')], 0)),
      section('Channels', channels.filter((channel) => channel.kind === 'private').map(channelEntry)),
      section('Direct messages', channels.filter((channel) => channel.kind !== 'private').map(channelEntry)),
      team(),
    ),
    h(
      'footer',
      { class: 'you' },
      avatar(state.me),
      h('div', {}, h('small', {}, 'You are'), h('strong', {}, state.members.get(state.me)?.realName ?? '')),
      h('span', {
        class: state.connected ? 'lamp on' : 'lamp',
        title: state.connected ? 'Live' : 'Reconnecting…',
      }),
    ),
  );
  const total = channels.reduce((sum, channel) => sum + unreadCount(channel.id), 0);
  document.title = total > 0 ? `(${total}) ${state.workspace}` : state.workspace;
}

/** What a channel is called in lists and headings. */
export function channelTitle(channel) {
  if (channel.kind === 'private') return channel.name;
  return channel.kind === 'im' ? state.app.name : 'Group message';
}

function section(title, entries) {
  return entries.length === 0 ? [] : [h('h2', {}, title), h('ul', {}, entries)];
}

function channelEntry(channel) {
  const mark =
    channel.kind === 'private'
      ? h('span', { class: 'hash', 'aria-hidden': 'true' }, '#')
      : avatar(state.app.userId);
  return entry(
    channel.id,
    [mark, h('span', { class: 'grow' }, channelTitle(channel))],
    unreadCount(channel.id),
  );
}

function entry(place, label, unread) {
  const here = route().place === place;
  return h(
    'li',
    {},
    h(
      'a',
      {
        href: `#/${place}`,
        class: unread > 0 && !here ? 'unread' : '',
        'aria-current': here ? 'page' : undefined,
      },
      label,
      unread > 0 && !here
        ? h('span', { class: 'count', 'aria-label': `${unread} unread` }, unread > 99 ? '99+' : unread)
        : null,
    ),
  );
}

/** Whether somebody has the page open as this member. */
function presence({ id }) {
  const isHere = state.present.has(id);
  return h(
    'span',
    { class: isHere ? 'presence here' : 'presence' },
    h('span', { class: 'unseen' }, isHere ? '(active)' : '(away)'),
  );
}

function team() {
  return [
    h('h2', {}, 'Act as'),
    h(
      'ul',
      { class: 'team' },
      [...state.members.values()].map((member) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              'aria-pressed': String(member.id === state.me),
              title: `Act as ${member.realName}`,
              onclick: () => actAs(member.id),
            },
            h('span', { class: 'face' }, avatar(member.id), presence(member)),
            h('span', { class: 'grow' }, member.realName, h('small', {}, member.title)),
            member.id === state.me ? h('span', { class: 'tag' }, 'you') : null,
          ),
        ),
      ),
    ),
  ];
}
