import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import wweb, { type Call, type Chat, type Message, type PollVote, type Reaction } from 'whatsapp-web.js';
import { chromiumArguments } from '../bot/channels/web/browser.ts';
import { isAlive } from '../models/instance.ts';
import { chromiumFor } from './chromium.ts';
import {
  startWhatsAppWeb,
  type WhatsAppWebOptions,
  type WhatsAppWebStandIn,
} from './standins/whatsappWeb.ts';
import { until } from './until.ts';

const { Client, LocalAuth, MessageMedia, Poll } = wweb;
const CHROMIUM = chromiumFor('the stand-in for WhatsApp Web');
const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ravi\nTEL;waid=919999900050:+91 99999 00050\nEND:VCARD';
const WITHIN_MS = 300;

const describeWithBrowser = CHROMIUM ? describe : describe.skip;

const open: (() => Promise<void>)[] = [];
let phones = 0;

describeWithBrowser('pairing', () => {
  afterEach(closeAll);

  it('shows a QR, another one on request, and is ready when it is scanned', async () => {
    const { web, seen, start } = await createWorld();
    await expect(web.scan()).rejects.toThrow('no page shows a code');
    await start();
    const first = await until('a QR', () => seen.last('qr'));
    await web.refreshQr();
    await until('another QR', () => seen.last('qr') !== first);
    expect(web.isLinked()).toBe(false);
    await web.scan();
    await until('ready', () => seen.count('ready') === 1);
    expect(seen.count('authenticated')).toBe(1);
    expect(web.isLinked()).toBe(true);
  });

  it('gives a pairing code for a phone', async () => {
    const { web, seen, start } = await createWorld(
      {},
      { pairWithPhoneNumber: { phoneNumber: '919999900000' } },
    );
    await start();
    const code = await until('a code', () => seen.last('code'));
    expect(web.pairingCodes).toEqual([{ phone: '919999900000', code }]);
    expect(seen.count('qr')).toBe(0);
    await web.scan();
    await until('ready', () => seen.count('ready') === 1);
  });

  it('keeps the pairing in the profile, if wished', async () => {
    const world = await createWorld({ pairingIn: 'profile' });
    await world.start();
    await until('a QR', () => world.seen.last('qr'));
    await world.web.scan();
    await until('ready', () => world.seen.count('ready') === 1);
    await world.client.destroy();
    const again = await createClient(world.web, { profile: world.profile });
    await again.start();
    await until('ready', () => again.seen.count('ready') === 1);
    expect(again.seen.count('qr')).toBe(0);
    await again.client.destroy();
    const stranger = await createClient(world.web);
    await stranger.start();
    await until('a QR', () => stranger.seen.last('qr'));
  });
});

describeWithBrowser('a linked number', () => {
  let web: WhatsAppWebStandIn;
  let client: InstanceType<typeof Client>;
  let seen: Seen;

  beforeAll(async () => {
    const world = await createWorld({ linked: true }, { takeoverOnConflict: true });
    ({ web, client, seen } = world);
    await world.start();
    await until('ready', () => seen.count('ready') === 1);
  });
  afterAll(closeAll);

  /** A buyer with a chat of their own, whose last message is always the one that was written last. */
  function buyer(options: { lid?: string; hidePhone?: boolean } = {}) {
    phones += 1;
    const phone = `+91999990${String(1000 + phones).slice(-4)}`;
    return { phone, ...web.buyer(phone, { name: 'Asha', ...options }) };
  }

  function received(stanzaId: string): Promise<Message> {
    return until(`message ${stanzaId}`, () => seen.message('message', stanzaId));
  }

  it('hears a text', async () => {
    const asha = buyer();
    const id = await asha.text('Is 2 BHK left?');
    const message = await received(id);
    expect(message).toMatchObject({
      id: { fromMe: false, remote: asha.chat, id, _serialized: `false_${asha.chat}_${id}` },
      from: asha.chat,
      to: '919999900000@c.us',
      fromMe: false,
      type: 'chat',
      body: 'Is 2 BHK left?',
      hasMedia: false,
      hasQuotedMsg: false,
    });
    expect(dataOf(message).notifyName).toBe('Asha');
    expect(Math.abs(message.timestamp - Date.now() / 1000)).toBeLessThan(30);
    expect(seen.message('message_create', id)).toBeDefined();
  });

  it('hears a new chat begin with the notice of its encryption', async () => {
    const asha = buyer();
    await received(await asha.text('Hello'));
    const ofChat = seen.messages('message').filter(({ from }) => from === asha.chat);
    expect(ofChat.map(({ type, body }) => [type, body])).toEqual([
      ['e2e_notification', ''],
      ['chat', 'Hello'],
    ]);
  });

  it('hears an answer with what it answers', async () => {
    const asha = buyer();
    const first = await asha.text('Two flats');
    const message = await received(await asha.text('This one', { quoted: first }));
    expect(message.hasQuotedMsg).toBe(true);
    const quoted = await message.getQuotedMessage();
    expect(quoted).toMatchObject({ id: { id: first }, body: 'Two flats' });
  });

  it.each([
    ['image', 'image', 'image/jpeg'],
    ['document', 'document', 'application/pdf'],
    ['audio', 'audio', 'audio/mpeg'],
    ['voice', 'ptt', 'audio/ogg; codecs=opus'],
    ['video', 'video', 'video/mp4'],
    ['sticker', 'sticker', 'image/webp'],
  ] as const)('hears %s as %s and downloads it byte for byte', async (kind, type, mimeType) => {
    const bytes = randomBytes(70_000);
    const sent = await buyer().media({ kind, bytes, mimeType, fileName: 'id.bin', caption: 'Mine' });
    const message = await received(sent);
    expect(message).toMatchObject({ type, hasMedia: true, body: 'Mine' });
    expect(dataOf(message)).toMatchObject({ size: bytes.length, mimetype: mimeType, filename: 'id.bin' });
    const media = await message.downloadMedia();
    expect(Buffer.from(media.data, 'base64').equals(bytes)).toBe(true);
    expect(media).toMatchObject({ mimetype: mimeType, filename: 'id.bin', filesize: bytes.length });
  });

  it('hears a document without caption with its file name for one', async () => {
    const sent = await buyer().media({ kind: 'document', ...pdf(100) });
    const message = await received(sent);
    expect(message.body).toBe('brochure.pdf');
    expect(dataOf(message).isCaptionByUser).toBe(false);
  });

  it('hears a place', async () => {
    const place = { latitude: 18.5, longitude: 73.8, name: 'Site', address: 'Baner Road' };
    const message = await received(await buyer().location(place));
    expect(message.type).toBe('location');
    expect(message.location).toMatchObject({
      latitude: 18.5,
      longitude: 73.8,
      name: 'Site',
      address: 'Baner Road',
    });
  });

  it('hears one contact, or several', async () => {
    const asha = buyer();
    expect(await received(await asha.contact(VCARD))).toMatchObject({ type: 'vcard', vCards: [VCARD] });
    const several = await received(await asha.contact(VCARD, VCARD));
    expect(several).toMatchObject({ type: 'multi_vcard', vCards: [VCARD, VCARD] });
  });

  it('hears of an edit', async () => {
    const asha = buyer();
    const id = await asha.text('2 BKH');
    await received(id);
    await asha.edit(id, '2 BHK');
    const [message, newBody, prevBody] = await until('an edit', () =>
      seen.all('message_edit').find(([edited]) => (edited as Message).id.id === id),
    );
    expect([newBody, prevBody, (message as Message).body]).toEqual(['2 BHK', '2 BKH', '2 BHK']);
  });

  it('hears of a deletion, whose original only the protocol key names', async () => {
    const asha = buyer();
    const id = await asha.text('Wrong number');
    await received(id);
    await asha.revoke(id);
    const [after, before] = await until('a deletion', () =>
      seen.all('message_revoke_everyone').find(([message]) => (message as Message).from === asha.chat),
    );
    expect(after).toMatchObject({ type: 'revoked', body: '', protocolMessageKey: { id } });
    expect((after as Message).id.id).not.toBe(id);
    expect(before).toMatchObject({ id: { id }, body: 'Wrong number' });
  });

  it('hears of a reaction and of its end', async () => {
    const asha = buyer();
    const { id } = await client.sendMessage(asha.chat, 'Welcome');
    await asha.react(id.id, '👍');
    await asha.react(id._serialized, '');
    const ofChat = () =>
      seen.all('message_reaction').filter(([it]) => (it as Reaction).senderId === asha.chat);
    await until('both', () => ofChat().length === 2);
    expect(ofChat().map(([it]) => (it as Reaction).reaction)).toEqual(['👍', '']);
    expect(ofChat()[0]?.[0]).toMatchObject({ msgId: { id: id.id, _serialized: id._serialized } });
  });

  it('sends a poll, and hears every change of a vote', async () => {
    const asha = buyer();
    const poll = await client.sendMessage(asha.chat, new Poll('When?', ['Today', 'Tomorrow']));
    expect(web.sent.at(-1)).toMatchObject({
      id: poll.id.id,
      type: 'poll_creation',
      body: 'When?',
      pollOptions: ['Today', 'Tomorrow'],
    });
    await asha.vote(poll.id.id, ['Tomorrow']);
    await asha.vote(poll.id.id, []);
    const ofPoll = () =>
      seen.all('vote_update').filter(([it]) => (it as PollVote).parentMessage.id.id === poll.id.id);
    await until('both votes', () => ofPoll().length === 2);
    const [first, second] = ofPoll().map(([it]) => it as PollVote);
    expect(first).toMatchObject({ voter: asha.chat, selectedOptions: [{ name: 'Tomorrow' }] });
    expect(second?.selectedOptions).toEqual([]);
    await expect(asha.vote(poll.id.id, ['Never'])).rejects.toThrow('offers no "Never"');
    const [kept] = await client.getPollVotes(poll.id._serialized);
    expect(kept?.selectedOptions).toEqual([]);
  });

  it('hears a call', async () => {
    const asha = buyer();
    await asha.call({ video: true });
    const [call] = await until('a call', () =>
      seen.all('call').find(([ringing]) => (ringing as Call).from === asha.chat),
    );
    expect(call).toMatchObject({ isVideo: true, fromMe: false });
  });

  it('knows the phone behind a lid unless it is hidden', async () => {
    const lid = '200000000000001';
    const asha = buyer({ lid });
    const message = await received(await asha.text('Hello'));
    expect(message.from).toBe(`${lid}@lid`);
    const pn = `${asha.phone.slice(1)}@c.us`;
    expect(await client.getContactLidAndPhone([message.from])).toEqual([{ lid: message.from, pn }]);
    expect(await client.getContactLidAndPhone([pn])).toEqual([{ lid: message.from, pn }]);
    const hidden = buyer({ lid: '200000000000002', hidePhone: true });
    await received(await hidden.text('Hello'));
    expect(await client.getContactLidAndPhone([hidden.chat])).toEqual([{ lid: hidden.chat, pn: undefined }]);
  });

  it('knows who has WhatsApp', async () => {
    expect(await client.getNumberId('919999900777')).toMatchObject({ _serialized: '919999900777@c.us' });
    web.unregistered.add('+919999900778');
    expect(await client.getNumberId('919999900778')).toBeNull();
    await expect(client.sendMessage('919999900778@c.us', 'Hello')).rejects.toThrow('No LID for user');
  });

  it('hears groups and statuses under chats of their own', async () => {
    const asha = buyer();
    const group = await received(await web.groupText('Owners', asha.phone, 'Hello all'));
    expect(group).toMatchObject({ author: asha.chat, body: 'Hello all' });
    expect(group.from).toMatch(/@g\.us$/);
    expect(group.id._serialized.split('_')).toHaveLength(4);
    expect((await group.getChat()).isGroup).toBe(true);
    const status = await received(await web.status(asha.phone, 'My new home'));
    expect(status).toMatchObject({ from: 'status@broadcast', isStatus: true });
  });

  it('hears what the owner types on the phone only as created', async () => {
    const asha = buyer();
    await received(await asha.text('Hello'));
    const id = await web.ownerTypes(asha.phone, 'I will call you');
    const typed = await until('an echo', () => seen.message('message_create', id));
    expect(typed).toMatchObject({ fromMe: true, to: asha.chat, body: 'I will call you' });
    await received(await asha.text('Thanks'));
    expect(seen.message('message', id)).toBeUndefined();
  });

  it('sends a text and hears it sent, delivered, read and played', async () => {
    const asha = buyer();
    const message = await client.sendMessage(asha.chat, 'Namaste', {
      waitUntilMsgSent: true,
      sendSeen: false,
    });
    expect(message).toMatchObject({ fromMe: true, to: asha.chat, body: 'Namaste' });
    expect(message.ack).toBeGreaterThan(0);
    expect(web.sent.at(-1)).toMatchObject({
      id: message.id.id,
      chat: asha.chat,
      type: 'chat',
      body: 'Namaste',
    });
    await web.ack(message.id.id, 3);
    await web.ack(message.id._serialized, 4);
    const acks = () =>
      seen
        .all('message_ack')
        .filter(([it]) => (it as Message).id.id === message.id.id)
        .map(([, ack]) => ack);
    await until('all acks', () => acks().length === 4);
    expect(acks()).toEqual([1, 2, 3, 4]);
    expect(web.reads).not.toContain(asha.chat);
  });

  it('answers a message in a lid chat', async () => {
    const asha = buyer({ lid: '200000000000003' });
    const id = await asha.text('Price?');
    const message = await received(id);
    await message.reply('From 62 lakh');
    expect(web.sent.at(-1)).toMatchObject({ chat: asha.chat, quotedId: id, body: 'From 62 lakh' });
  });

  it.each([1_000, 40 * 1024 * 1024])(
    'sends a document of %s bytes, byte for byte',
    async (sizeBytes) => {
      const asha = buyer();
      const { bytes, mimeType, fileName } = pdf(sizeBytes);
      const media = new MessageMedia(mimeType, bytes.toString('base64'), fileName);
      const message = await client.sendMessage(asha.chat, media, {
        sendMediaAsDocument: true,
        caption: 'Brochure',
        waitUntilMsgSent: true,
      });
      expect(message).toMatchObject({ type: 'document', hasMedia: true, body: 'Brochure' });
      const sent = web.sent.at(-1);
      expect(sent).toMatchObject({ type: 'document', caption: 'Brochure', fileName, mimeType });
      expect(sent?.bytes?.equals(bytes)).toBe(true);
    },
    120_000,
  );

  it('marks as read, shows typing, reacts and deletes', async () => {
    const asha = buyer();
    const id = await asha.text('Hello');
    const message = await received(id);
    await client.sendSeen(asha.chat);
    expect(web.reads).toContain(asha.chat);
    const chat = await message.getChat();
    expect(chat.unreadCount).toBe(0);
    await chat.sendStateTyping();
    await until('typing', () => web.typings.includes(asha.chat));
    await message.react('🙏');
    expect(web.reactions).toContainEqual({ messageId: id, emoji: '🙏' });
    const sent = await client.sendMessage(asha.chat, 'Oops');
    await sent.delete(true);
    expect(web.revoked).toContain(sent.id.id);
  });

  it('refuses a send with an ack, which the library takes for success', async () => {
    const asha = buyer();
    web.refuseNextSend('ack');
    const message = await client.sendMessage(asha.chat, 'Cold', { waitUntilMsgSent: true });
    expect(message.ack).toBe(-1);
    expect(web.refused.map(({ id }) => id)).toContain(message.id.id);
    expect(web.sent.map(({ id }) => id)).not.toContain(message.id.id);
  });

  it('fails a send', async () => {
    const asha = buyer();
    web.refuseNextSend('throw');
    await expect(client.sendMessage(asha.chat, 'Cold')).rejects.toThrow('could not be sent');
    expect(web.sent.map(({ chat }) => chat)).not.toContain(asha.chat);
  });

  it('never answers a send, whether or not it took it', async () => {
    const asha = buyer();
    web.refuseNextSend('hang');
    expect(await answerOf(client.sendMessage(asha.chat, 'Lost'))).toBe('none');
    web.refuseNextSend('afterAccept');
    expect(await answerOf(client.sendMessage(asha.chat, 'Taken'))).toBe('none');
    const chat = await client.getChatById(asha.chat);
    const mine = await chat.fetchMessages({ limit: 10, fromMe: true });
    expect(mine.map(({ body }) => body)).toEqual(['Taken']);
    expect(web.sent.filter((sent) => sent.chat === asha.chat).map(({ body }) => body)).toEqual(['Taken']);
  });

  it.each(['reuploading', '404', 'error'] as const)('fails downloads with %s, then not', async (how) => {
    const bytes = randomBytes(100);
    const message = await received(await buyer().media({ kind: 'image', bytes, mimeType: 'image/png' }));
    await web.failMedia(2, how);
    expect(await message.downloadMedia()).toBeUndefined();
    expect(await message.downloadMedia()).toBeUndefined();
    expect((await message.downloadMedia()).data).toBe(bytes.toString('base64'));
  });

  it('takes its time for a download', async () => {
    const media = { kind: 'image', bytes: randomBytes(10), mimeType: 'image/png' } as const;
    const message = await received(await buyer().media(media));
    web.slowMediaMs = 2 * WITHIN_MS;
    const download = message.downloadMedia();
    expect(await answerOf(download)).toBe('none');
    web.slowMediaMs = 0;
    expect((await download).data).toBe(media.bytes.toString('base64'));
  });

  it('lists chats and the history of each', async () => {
    const asha = buyer();
    const texts = Array.from({ length: 45 }, (_, index) => `Text ${index}`);
    for (const [index, body] of texts.entries()) {
      await asha.text(body, { at: new Date(Date.now() - 60_000 * (texts.length - index)) });
    }
    await received(await asha.text('Last'));
    const chats = await client.getChats();
    const chat = chats.find(({ id }) => id._serialized === asha.chat) as Chat;
    expect(chat).toMatchObject({ name: 'Asha', unreadCount: 46, isGroup: false });
    expect(chat.lastMessage.body).toBe('Last');
    const messages = await chat.fetchMessages({ limit: 40 });
    expect(messages.map(({ body }) => body)).toEqual([...texts.slice(6), 'Last']);
  });

  it('hears 1,000 texts in order', async () => {
    const asha = buyer();
    const texts = Array.from({ length: 1000 }, (_, index) => `Text ${index}`);
    for (const body of texts) await asha.text(body);
    const heard = () =>
      seen.messages('message').filter(({ from, type }) => from === asha.chat && type === 'chat');
    await until('all texts', () => heard().length === texts.length, 20_000);
    expect(heard().map(({ body }) => body)).toEqual(texts);
  });

  it('tells a change of state', async () => {
    await web.setState('TIMEOUT');
    await until('TIMEOUT', () => seen.last('change_state') === 'TIMEOUT');
    expect(await client.getState()).toBe('TIMEOUT');
    await web.setState('CONNECTED');
    await until('CONNECTED', () => seen.last('change_state') === 'CONNECTED');
    expect(seen.count('disconnected')).toBe(0);
  });

  it('keeps what comes during a conflict for the history, and is taken over', async () => {
    const asha = buyer();
    await received(await asha.text('Before'));
    const statesBefore = seen.count('change_state');
    const conflict = web.setState('CONFLICT');
    const during = await asha.text('During');
    await conflict;
    await until('the takeover', () => seen.count('change_state') === statesBefore + 2);
    expect(seen.last('change_state')).toBe('CONNECTED');
    await received(await asha.text('After'));
    expect(seen.message('message', during)).toBeUndefined();
    expect(await bodiesOf(asha.chat)).toEqual(['Before', 'During', 'After']);
  });

  it.each(['restore', 'resetState'] as const)('is deaf after a drop until %s', async (how) => {
    const asha = buyer();
    await received(await asha.text('Before'));
    web.drop();
    await until('TIMEOUT', () => seen.last('change_state') === 'TIMEOUT');
    const during = await asha.text('During');
    expect(await bodiesOf(asha.chat)).toEqual(['Before']);
    if (how === 'restore') await web.restore();
    else await client.resetState();
    await until('CONNECTED', () => seen.last('change_state') === 'CONNECTED');
    await received(await asha.text('After'));
    expect(seen.message('message', during)).toBeUndefined();
    expect(await bodiesOf(asha.chat)).toEqual(['Before', 'During', 'After']);
  });

  it('answers nothing while its page stands still', async () => {
    await web.hang(true);
    const state = client.getState();
    expect(await answerOf(state)).toBe('none');
    await web.hang(false);
    expect(await state).toBe('CONNECTED');
  });

  async function bodiesOf(chatId: string): Promise<string[]> {
    const chat = await client.getChatById(chatId);
    return (await chat.fetchMessages({ limit: 50 })).map(({ body }) => body);
  }
});

describeWithBrowser('a page in trouble', () => {
  afterEach(closeAll);

  it('never gets ready when it synced before anybody listened, until it is told to', async () => {
    const { web, client, seen, start } = await createWorld({ linked: true });
    web.fastSync = true;
    await start();
    expect(await client.getState()).toBe('CONNECTED');
    expect(seen.count('ready')).toBe(0);
    await heal(client);
    await until('ready', () => seen.count('ready') === 1);
  });

  it('is deaf after a reload, until it is told to listen', async () => {
    const { web, client, seen } = await createReadyWorld();
    const asha = web.buyer('+919999900001');
    await web.reloadPage();
    const missed = await asha.text('While deaf');
    await until('the library to listen', () => listens(client));
    expect(seen.count('ready')).toBe(1);
    await heal(client);
    await until('ready again', () => seen.count('ready') === 2);
    const heard = await asha.text('Heard');
    await until('a message', () => seen.message('message', heard));
    expect(seen.message('message', missed)).toBeUndefined();
    const chat = await client.getChatById(asha.chat);
    const bodies = (await chat.fetchMessages({ limit: 10 })).map(({ body }) => body);
    expect(bodies).toEqual(['While deaf', 'Heard']);
  });

  it('is ready again by itself after a reload that takes its time', async () => {
    const { web, seen } = await createReadyWorld();
    await web.reloadPage({ fastSync: false });
    await until('ready again', () => seen.count('ready') === 2);
    const id = await web.buyer('+919999900001').text('Hello');
    await until('a message', () => seen.message('message', id));
  });

  it('keeps what came, changed and was voted while nobody was there', async () => {
    const { web, client, seen, profile } = await createReadyWorld();
    const asha = web.buyer('+919999900001');
    const kept = await asha.text('2 BKH');
    const poll = await client.sendMessage(asha.chat, new Poll('When?', ['Today', 'Tomorrow']));
    await until('the text', () => seen.message('message', kept));
    await client.destroy();
    await until('the page to be gone', () => !web.pageOpen());
    await asha.edit(kept, '2 BHK');
    await asha.vote(poll.id.id, ['Today']);
    await asha.media({ kind: 'document', ...pdf(5000) });
    const again = await createClient(web, { profile });
    await again.start();
    await until('ready', () => again.seen.count('ready') === 1);
    const chat = await again.client.getChatById(asha.chat);
    const messages = await chat.fetchMessages({ limit: 10 });
    expect(messages.map(({ type, body }) => [type, body])).toEqual([
      ['chat', '2 BHK'],
      ['poll_creation', 'When?'],
      ['document', 'brochure.pdf'],
    ]);
    expect(Buffer.from((await messages[2]?.downloadMedia())?.data ?? '', 'base64')).toHaveLength(5000);
    const [vote] = await again.client.getPollVotes(poll.id._serialized);
    expect(vote?.selectedOptions.map(({ name }) => name)).toEqual(['Today']);
    expect(again.seen.messages('message')).toEqual([]);
  });

  it('crashes without a word of the client', async () => {
    const { web, client, seen } = await createReadyWorld();
    let crashed = false;
    client.pupPage?.on('error', () => {
      crashed = true;
    });
    await web.crashPage();
    await until('the crash', () => crashed);
    expect(web.pageOpen()).toBe(false);
    expect(seen.count('disconnected')).toBe(0);
    expect(await answerOf(client.getState())).toBe('none');
  });

  it('is unlinked from the phone and shows a QR again', async () => {
    const { web, client, seen } = await createReadyWorld({ pairingIn: 'profile' });
    await web.logoutFromPhone();
    await until('the logout', () => seen.last('disconnected') === 'LOGOUT');
    await until('a new QR', () => seen.count('qr') === 2);
    await until('the library to listen', () => listens(client));
    expect(web.isLinked()).toBe(false);
  });

  it('may only become UNPAIRED, upon which the library ends', async () => {
    const { web, seen } = await createReadyWorld();
    await web.logoutFromPhone('state');
    await until('the end', () => seen.last('disconnected') === 'UNPAIRED');
    await until('the page to be gone', () => !web.pageOpen());
  });

  it('logs out without a word of the client', async () => {
    const { web, client, seen } = await createReadyWorld();
    await client.logout();
    expect(web.isLinked()).toBe(false);
    expect(seen.count('disconnected')).toBe(0);
  });

  it('shows neither QR nor chats', async () => {
    const { web, start } = await createWorld({}, { authTimeoutMs: WITHIN_MS });
    web.neverSync = true;
    await expect(start()).rejects.toBe('auth timeout');
  });
});

type Seen = ReturnType<typeof watch>;
type Overrides = Partial<ConstructorParameters<typeof Client>[0]> & { profile?: string };

/** The stand-in and a client that is not started yet; both end with `closeAll`. */
async function createWorld(options: WhatsAppWebOptions = {}, overrides: Overrides = {}) {
  const web = await startWhatsAppWeb(options);
  open.push(() => web.stop());
  return { web, ...(await createClient(web, overrides)) };
}

/** As `createWorld`, linked and ready. */
async function createReadyWorld(options: WhatsAppWebOptions = {}) {
  const world = await createWorld(options);
  await world.start();
  await until('a QR', () => world.seen.last('qr'));
  await world.web.scan();
  await until('ready', () => world.seen.count('ready') === 1);
  return world;
}

async function createClient(web: WhatsAppWebStandIn, { profile, ...overrides }: Overrides = {}) {
  const dataPath = profile ?? (await mkdtemp(join(tmpdir(), 'whatsapp-web-')));
  const client = new Client({
    authStrategy: new LocalAuth({ clientId: 'test', dataPath }),
    webVersionCache: { type: 'none' },
    authTimeoutMs: 20_000,
    userAgent: false,
    puppeteer: {
      executablePath: CHROMIUM ?? '',
      headless: true,
      protocolTimeout: 60_000,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: chromiumArguments(web.chromiumArgs),
    },
    ...overrides,
  } as ConstructorParameters<typeof Client>[0]);
  open.push(async () => {
    await end(client);
    if (!profile) await rm(dataPath, { recursive: true, force: true, maxRetries: 5 });
  });
  return { client, profile: dataPath, seen: watch(client), start: () => client.initialize() };
}

/** Closes the browser, and makes sure by its pid that it is gone. */
async function end(client: InstanceType<typeof Client>): Promise<void> {
  const pid = client.pupBrowser?.process()?.pid;
  await client.destroy();
  if (pid) await until(`Chromium ${pid} to be gone`, () => !isAlive(pid));
}

async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

/** Everything that the client emits, by event. */
function watch(client: InstanceType<typeof Client>) {
  const events: { name: string; values: unknown[] }[] = [];
  const emit = client.emit.bind(client);
  client.emit = (name: string, ...values: unknown[]) => {
    events.push({ name, values });
    return emit(name, ...values);
  };
  const all = (name: string) => events.filter((event) => event.name === name).map(({ values }) => values);
  const messages = (name: string) => all(name).map(([message]) => message as Message);
  return {
    all,
    messages,
    count: (name: string): number => all(name).length,
    /** The first value of the last event of that name. */
    last: (name: string): unknown => all(name).at(-1)?.[0],
    message: (name: string, stanzaId: string): Message | undefined =>
      messages(name).find(({ id }) => id.id === stanzaId),
  };
}

/** What the page needs after a sync that the library did not hear of. */
async function heal(client: InstanceType<typeof Client>): Promise<void> {
  await client.pupPage?.evaluate('window.onAppStateHasSyncedEvent()');
}

/** The library has attached itself to the page that is open now, as far as it does so before it is ready. */
async function listens(client: InstanceType<typeof Client>): Promise<boolean> {
  const last = "window.require('WAWebCmd').Cmd.hears('logout_from_bridge')";
  return Boolean(await client.pupPage?.evaluate(last).catch(() => false));
}

/** 'none' if there is no answer for a while. */
async function answerOf<T>(promise: Promise<T>): Promise<T | 'none'> {
  promise.catch(() => {});
  return Promise.race([
    promise,
    new Promise<'none'>((resolve) => setTimeout(() => resolve('none'), WITHIN_MS).unref()),
  ]);
}

function pdf(sizeBytes: number) {
  const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(sizeBytes - 9)]);
  return { bytes, mimeType: 'application/pdf', fileName: 'brochure.pdf' };
}

function dataOf(message: Message): Record<string, unknown> {
  return (message as unknown as { _data: Record<string, unknown> })._data;
}
