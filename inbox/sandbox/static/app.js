import { makeForm, renderBlocks } from './blocks.js';
import { acceptDrops } from './composer.js';
import { showChannel, showThread } from './conversation.js';
import { h, icon } from './dom.js';
import { showModal } from './modal.js';
import { attempt, notice } from './overlays.js';
import { openChannel, route } from './route.js';
import { channelTitle, showSidebar } from './sidebar.js';
import { act, actAs, onChange, state } from './store.js';

/** Puts the page together and keeps it current. */

let homeOpenedFor = '';
let drawing = false;

onChange((event) => {
  if (event.kind === 'notice') notice(event.text);
  draw();
});
addEventListener('hashchange', () => {
  showMenu(false);
  draw();
});
document.addEventListener('visibilitychange', draw);
document.getElementById('scrim').addEventListener('click', () => showMenu(false));
addEventListener('keydown', (event) => {
  if (event.key === 'Escape') showMenu(false);
});
acceptDrops();
actAs();

/** Draws once per frame, however much happened. */
function draw() {
  if (drawing || !state.ready) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    drawNow();
  });
}

function drawNow() {
  const { place } = route();
  const channel = state.channels.get(place);
  if (place !== 'home' && !channel) {
    const first = [...state.channels.values()].find(({ kind }) => kind === 'private');
    openChannel(first ? first.id : 'home');
    return;
  }
  showSidebar();
  if (channel) {
    homeOpenedFor = '';
    showBar(`${channel.kind === 'private' ? '# ' : ''}${channelTitle(channel)}`, channel.topic);
    showChannel(channel);
  } else {
    showBar('Home', `What ${state.app.name} has for you`);
    showHome();
  }
  showThread();
  showModal();
}

function showBar(title, topic) {
  const signature = `${title}/${topic}`;
  const bar = document.getElementById('bar');
  if (bar.dataset.key === signature) return;
  bar.dataset.key = signature;
  const menu = h(
    'button',
    {
      type: 'button',
      class: 'ghost menu-button',
      'aria-label': 'Channels and people',
      onclick: () => showMenu(true),
    },
    icon('menu'),
  );
  bar.replaceChildren(
    menu,
    h('div', { class: 'bar-title' }, h('h2', {}, title), topic ? h('p', { class: 'soft' }, topic) : null),
  );
}

/** The app's Home tab. The app hears of each opening and publishes what it wants to show. */
function showHome() {
  const stage = document.getElementById('stage');
  if (homeOpenedFor !== state.me) {
    homeOpenedFor = state.me;
    attempt(() => act('openHome'));
  }
  const key = `home/${state.me}/${state.home?.hash ?? ''}`;
  if (stage.dataset.key === key) return;
  stage.dataset.key = key;
  stage.className = 'stage home';
  document.getElementById('composer').replaceChildren();
  if (!state.home) {
    stage.replaceChildren(
      h('div', { class: 'empty' }, h('p', {}, `${state.app.name} has not put anything here yet.`)),
    );
    return;
  }
  const { id, blocks } = state.home;
  const form = makeForm(id, (use) => attempt(() => act('clickInView', { viewId: id, ...use })));
  stage.replaceChildren(h('div', { class: 'home-body blocks' }, renderBlocks(blocks, form)));
}

function showMenu(open) {
  document.getElementById('app').classList.toggle('menu-open', open);
  if (open) document.querySelector('.sidebar a[aria-current], .sidebar a')?.focus();
}
