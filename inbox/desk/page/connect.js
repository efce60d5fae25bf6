import { byId, showState, since, tell } from './desk.js';

const TICK_MS = 250;
const WORDS = {
  starting: 'The browser for WhatsApp is starting. This takes a few seconds.',
  pairing: 'Scan the code with the phone whose number buyers write to.',
  syncing: 'The phone is paired. Its chats are being read; this can take a minute.',
  ready: 'The phone is connected. Buyers are answered.',
  degraded: 'The connection is lost and is being made again by itself. What is to be sent waits.',
  loggedOut: 'The phone is not linked any more. Pair it again; a new code comes by itself.',
  blocked: 'WhatsApp refuses this connection. Look at the phone: it usually says why.',
  stopped: 'Baton is stopping. This page goes on asking.',
};
const RETRIED = ['starting', 'pairing', 'syncing', 'degraded', 'loggedOut', 'blocked'];

/** The latest view, and how far the server's clock is ahead of ours. */
let view;
let aheadMs = 0;
/** The longest that the code on show had left, for the bar. */
let shownCode = { key: '', wholeMs: 1 };

follow();
setInterval(tick, TICK_MS);
byId('retry').addEventListener('click', () => press('retry'));
byId('logout').addEventListener('click', () => byId('sure').showModal());
byId('sure').addEventListener('close', () => {
  if (byId('sure').returnValue === 'logout') press('logout');
  byId('sure').returnValue = '';
});
byId('phone-form').addEventListener('submit', (event) => {
  event.preventDefault();
  press('code', { phone: byId('phone').value }, 'phone-trouble');
});

function follow() {
  const source = new EventSource('/desk/connect/stream');
  source.addEventListener('view', ({ data }) => show(JSON.parse(data)));
  source.addEventListener('error', () => {
    byId('words').textContent = 'Baton does not answer. This page goes on asking.';
    byId('pill').className = 'pill bad';
    byId('pill').textContent = 'No answer';
    byId('pair').hidden = true;
    // The browser comes back by itself after a cut, but not after an HTTP error.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3_000);
  });
}

/** Does what a button says; what goes wrong is told in the element `trouble`. */
async function press(button, body = {}, trouble = 'trouble') {
  const buttons = document.querySelectorAll('button');
  for (const each of buttons) each.disabled = true;
  tell(trouble, '');
  try {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`/desk/connect/${button}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    // What came of it the stream tells: the answer may arrive after what followed.
    if (!response.ok) throw new Error((await response.json()).message);
  } catch (error) {
    tell(trouble, error instanceof TypeError ? 'Baton does not answer.' : error.message);
  }
  for (const each of buttons) each.disabled = false;
}

function show(latest) {
  view = latest;
  aheadMs = new Date(latest.now) - Date.now();
  const { pairing } = latest;
  if (!pairing) return showNoPhone();
  const { health, code, qr, reason, account } = pairing;
  showState(byId('pill'), health);
  byId('words').textContent = code
    ? 'Type the code on the phone whose number buyers write to.'
    : (WORDS[health] ?? '');
  tell(
    'since',
    health === 'ready'
      ? `${account?.name ?? 'A phone'}, connected since ${since(pairing.since, serverNow())}`
      : '',
  );
  tell('reason', health !== 'ready' && reason ? `What happened: ${reason}` : '');
  byId('pair').hidden = health !== 'pairing';
  byId('qr-box').hidden = !qr || Boolean(code);
  byId('waiting').hidden = Boolean(qr || code);
  byId('code-box').hidden = !code;
  if (qr) byId('qr').src = `data:image/svg+xml,${encodeURIComponent(qr.svg)}`;
  else byId('qr').removeAttribute('src');
  tell('code-phone', code?.phone);
  byId('code').textContent = code?.code.replace(/^(.{4})(.{4})$/, '$1-$2') ?? '';
  byId('scan').hidden = Boolean(code);
  byId('type').hidden = !code;
  byId('instead').hidden = Boolean(code);
  byId('retry').hidden = !RETRIED.includes(health);
  byId('retry').textContent = health === 'pairing' ? 'Start over with a new code' : 'Try again';
  byId('logout').hidden = health !== 'ready' && health !== 'degraded';
  tick();
}

function showNoPhone() {
  byId('pill').className = 'pill good';
  byId('pill').textContent = 'No phone needed';
  byId('words').textContent =
    'This Baton reaches WhatsApp without a paired phone: through the Cloud API, or in the sandbox. To pair a phone, start it with WHATSAPP_TRANSPORT=web, or web,cloud for both.';
}

/** The countdown, between two views. */
function tick() {
  const shown = view?.pairing?.code ?? view?.pairing?.qr;
  byId('left').hidden = !shown;
  if (!shown) return tell('countdown', '');
  const leftMs = Math.max(0, new Date(shown.expiresAt) - serverNow());
  if (shownCode.key !== shown.expiresAt) shownCode = { key: shown.expiresAt, wholeMs: Math.max(1, leftMs) };
  byId('left').value = leftMs / shownCode.wholeMs;
  byId('qr-over').hidden = leftMs > 0;
  byId('qr').classList.toggle('old', leftMs === 0);
  const seconds = Math.ceil(leftMs / 1_000);
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  tell('countdown', leftMs > 0 ? `Valid for ${left}` : 'This code has expired. A new one is on its way.');
}

function serverNow() {
  return new Date(Date.now() + aheadMs);
}
