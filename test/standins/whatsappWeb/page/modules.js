import { changeMessage, collections, keepNews, me } from './account.js';
import { connection, socket } from './connection.js';
import { mediaModules } from './media.js';
import { Emitter, MsgKey, Wid, widOf } from './models.js';
import { ask } from './site.js';

/** The modules of WhatsApp Web that the library reaches for, by the names that it uses. */

export const commands = Object.assign(new Emitter(), {
  refreshQR: () => ask('refresh-qr'),
  sendRevokeMsgs: (_chat, { list }) =>
    Promise.all(list.map(({ id }) => ask('revoke', { id: id._serialized }))),
});

/** Sends on their way, by stanza id: an acknowledgement waits until its message is on the page. */
const onTheWay = new Map();

const contactGetters = {
  getIsMe: ({ id }) => id.equals(me.pn) || id.equals(me.lid),
  getIsUser: ({ id }) => id.isUser(),
  getIsGroup: ({ id }) => id.isGroup(),
  getIsWAContact: () => true,
  getUserid: ({ id, phoneNumber }) => (phoneNumber ?? id).user,
  getVerifiedName: () => undefined,
  getVerifiedLevel: () => undefined,
  getStatusMute: () => false,
  getName: ({ name }) => name,
  getShortName: ({ name }) => name,
  getPushname: ({ pushname }) => pushname,
  getIsEnterprise: () => false,
};

const calls = Object.assign(new Emitter(), { calls: new Map() });

const modules = {
  ...mediaModules,

  WAWebSocketModel: { Socket: socket },
  WAWebCmd: { Cmd: commands },
  WAWebConnModel: { Conn: connection },
  WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
  WAWebLaunchSocketUtils: { refreshQR: () => ask('refresh-qr') },
  WAWebAltDeviceLinkingApi: {
    setPairingType() {},
    async initializeAltDeviceLinking() {},
    async initializeQRLinking() {},
    startAltLinkingFlow: async (phone) => (await ask('pairing-code', { phone })).code,
  },
  WABase64: { encodeB64: (bytes) => btoa(String.fromCharCode(...bytes)) },
  WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: '1' },
  WAWebAdvSignatureApi: {},
  WAWebUserPrefsInfoStore: {
    waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: new Uint8Array(32).fill(1) } }) },
  },
  WAWebSignalStoreApi: {
    waSignalStore: {
      getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: new Uint8Array(32).fill(2) } }),
    },
  },
  WAWebUserPrefsMultiDevice: { getADVSecretKey: () => btoa('stand-in secret key of this page') },
  WAWebUserPrefsMeUser: { getMaybeMePnUser: () => me.pn, getMaybeMeLidUser: () => me.lid },
  WAWebMiscBrowserUtils: { info: () => ({ os: 'Linux', name: 'Chrome' }) },

  WAWebCollections: collections,
  WAWebSyncGatingUtils: { isPlaceholderMessageResendEnabled: () => false },
  WAWebCallCollection: calls,
  WAWebAddonReactionTableMode: { reactionTableMode: { async bulkUpsert() {} } },
  WAWebAddonPollVoteTableMode: { pollVoteTableMode: { async bulkUpsert() {} } },
  WAWebPollsVotesSchema: {
    getTable: () => ({
      equals: async (_fields, poll) => (await ask('votes', { poll })).votes.map(voteModel),
    }),
  },
  WALinkify: { findLink: (text) => linksIn(text)[0], findLinks: linksIn },
  WAWebBackendJobsCommon: { mediaTypeFromProtobuf: () => null },
  WAWebE2EProtoUtils: { typeAttributeFromProtobuf: () => 'text' },
  WAWebNonMessageDataRequestPlaceholderMessageResendUtils: { async handlePlaceholderMsgsSeen() {} },

  WAWebWidFactory: {
    createWid: widOf,
    createWidFromWidLike: widOf,
    asUserWidOrThrow: widOf,
  },
  WAWebStreamModel: { Stream: { markAvailable() {}, markUnavailable() {} } },
  WAWebUpdateUnreadChatAction: {
    async sendSeen({ chat }) {
      chat.set({ unreadCount: 0 });
      await ask('seen', { chat: chat.id._serialized });
    },
  },
  WAWebChatGetters: {
    getIsNewsletter: () => false,
    getIsBroadcast: ({ id }) => id.server === 'broadcast',
  },
  WAWebMsgKey: MsgKey,
  WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
  WAWebSendMsgChatAction: { addAndSendMsgToChat },
  WAWebMsgReply: { canReplyMsg: ({ type }) => type !== 'revoked' },
  WAWebQuotedMsgModelUtils: { getQuotedMsgObj: quotedMessageOf },
  WAWebChatStateBridge: {
    sendChatStateComposing: (wid) => ask('typing', { chat: wid._serialized, state: 'typing' }),
    sendChatStateRecording: (wid) => ask('typing', { chat: wid._serialized, state: 'recording' }),
    sendChatStatePaused: (wid) => ask('typing', { chat: wid._serialized, state: 'stop' }),
  },
  WAWebPresenceChatAction: { async sendPresenceAvailable() {}, async sendPresenceUnavailable() {} },
  WAWebMsgActionCapability: {
    canSenderRevokeMsg: ({ id }) => id.fromMe,
    canAdminRevokeMsg: () => false,
    canEditText: ({ id, type }) => id.fromMe && type === 'chat',
    canEditCaption: () => false,
  },
  WAWebSendMessageEditAction: {
    sendMessageEdit: (msg, body) => ask('edit', { id: msg.id._serialized, body }),
  },
  WAWebSendReactionMsgAction: {
    sendReactionToMsg: (msg, emoji) => ask('react', { id: msg.id._serialized, emoji }),
  },
  WAWebApiContact: {
    getPhoneNumber: (lid) => collections.Contact.get(lid)?.phoneNumber,
    getCurrentLid: (pn) => contactWithPhone(pn)?.id,
    getAlternateUserWid: (wid) =>
      wid.isLid() ? collections.Contact.get(wid)?.phoneNumber : contactWithPhone(wid)?.id,
  },
  WAWebContactGetters: contactGetters,
  WAWebFrontendContactGetters: { getIsMyContact: ({ name }) => Boolean(name) },
  WAWebLidMigrationUtils: { toPn: (wid) => collections.Contact.get(wid)?.phoneNumber },

  WAWebFindChatAction: {
    findOrCreateLatestChat: async (wid) => ({ chat: await collections.Chat.find(wid) }),
  },
  WAWebQueryExistsJob: { queryWidExists },
  WAWebChatLoadMessages: { loadEarlierMsgs: ({ chat }) => chat.loadEarlier() },
  WAWebLinkPreviewChatAction: { getLinkPreview: async () => null },
};

/** As the page's own loader: throws for a name that it does not know. */
export function requireModule(name) {
  if (name in modules) return modules[name];
  throw new Error(`Requiring unknown module "${name}"`);
}

/** Acknowledges a message, after it has been sent and shown. */
export async function acknowledge(id, ack, silent) {
  await onTheWay.get(MsgKey.fromString(id).id)?.catch(() => {});
  changeMessage(id, { ack }, silent);
}

/** Tells of reactions as they come from the account. */
export function takeReaction(reaction) {
  const upserted = {
    ...reaction,
    id: new MsgKey(reaction.id),
    reactionParentKey: new MsgKey(reaction.reactionParentKey),
    from: new Wid(reaction.from),
  };
  void modules.WAWebAddonReactionTableMode.reactionTableMode.bulkUpsert([upserted]);
}

export function takeVote(vote) {
  void modules.WAWebAddonPollVoteTableMode.pollVoteTableMode.bulkUpsert([voteModel(vote)]);
}

export function takeCall(call) {
  calls.calls.set(call.id, { ...call, peerJid: new Wid(call.peerJid) });
}

/** The two promises of the real page: the message is shown; the server has taken or refused it. */
function addAndSendMsgToChat(_chat, { mediaBlob, renderableUrl, ...message }) {
  const answered = ask('send', { message });
  const shown = answered.then(({ outcome, ack }) => {
    if (outcome === 'throw') throw new Error('the message could not be sent');
    if (outcome === 'hang') return new Promise(() => {});
    const msg = keepNews({ ...message, ack: 0, isUnsentMedia: Boolean(message.directPath) });
    msg.set({ ack, isUnsentMedia: false });
    return outcome === 'afterAccept' ? new Promise(() => {}) : msg;
  });
  onTheWay.set(message.id.id, answered);
  shown.catch(() => {}).finally(() => onTheWay.delete(message.id.id));
  const result = shown.then(({ ack, t }) => ({
    messageSendResult: ack < 0 ? 'ERROR_UNKNOWN' : 'OK',
    ack,
    t,
  }));
  result.catch(() => {});
  return [shown, result];
}

/** Also learns which phone belongs to a lid and the other way round, where the account knows. */
async function queryWidExists(wid) {
  const { exists, lid, phoneNumber } = await ask('exists', { id: wid._serialized });
  if (!exists) return null;
  if (lid && phoneNumber) (await collections.Contact.find(lid)).set({ phoneNumber: new Wid(phoneNumber) });
  return { wid };
}

function contactWithPhone(pn) {
  return collections.Contact.getModelsArray().find(({ phoneNumber }) => pn.equals(phoneNumber));
}

function quotedMessageOf({ id, quotedMsg, quotedStanzaID, quotedParticipant }) {
  const writer = widOf(quotedParticipant);
  const fromMe = writer.equals(me.pn) || writer.equals(me.lid);
  const key = new MsgKey({ fromMe, remote: id.remote, id: quotedStanzaID });
  return collections.Msg.get(key) ?? collections.Msg.quoted({ ...quotedMsg, id: key, from: writer });
}

function voteModel(vote) {
  return {
    ...vote,
    id: new MsgKey(vote.id),
    pollUpdateParentKey: new MsgKey(vote.pollUpdateParentKey),
    parentMsgKey: new MsgKey(vote.pollUpdateParentKey),
    from: new Wid(vote.from),
    sender: new Wid(vote.from),
  };
}

function linksIn(text) {
  return [...(text ?? '').matchAll(/https?:\/\/\S+/g)].map(([href]) => ({ href }));
}
