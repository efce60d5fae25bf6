import type wweb from 'whatsapp-web.js';

/** What we ask of WhatsApp's page beyond the library. Everything within `evaluate` runs in the browser. */

type Page = NonNullable<wweb.Client['pupPage']>;

/** How the page stands; `injected` when the library's functions are in it. */
export type PageState = { state: string | null; synced: boolean; injected: boolean };

type Received = {
  mediaData?: { mediaStage: string };
  downloadMedia(how: object): Promise<void>;
  directPath: string;
  encFilehash: string;
  filehash: string;
  mediaKey: string;
  mediaKeyTimestamp: number;
  type: string;
};

type Modules = {
  (
    name: 'WAWebSocketModel',
  ): {
    Socket: { state?: string; hasSynced?: boolean; takeover(): unknown; logout(): unknown };
  };
  (name: 'WAWebWidFactory'): { createWid(id: string): unknown };
  (
    name: 'WAWebCollections',
  ): {
    Msg: { getMessagesById(ids: string[]): Promise<{ messages: Received[] }> };
    Chat: {
      get(wid: unknown): unknown;
      getModelsArray(): { id: { _serialized: string }; t?: number }[];
    };
  };
  (
    name: 'WAWebDownloadManager',
  ): {
    downloadManager: { downloadAndMaybeDecrypt(file: object): Promise<ArrayBuffer> };
  };
};

declare const window: {
  require: Modules;
  WWebJS?: { sendChatstate(state: string, chatId: string): Promise<unknown> };
  onAppStateHasSyncedEvent(): void;
  heldFiles?: Map<string, ArrayBuffer>;
};

/** Asks how the page stands. */
export function lookAt(page: Page): Promise<PageState> {
  return page.evaluate(() => {
    const { Socket } = window.require('WAWebSocketModel');
    return {
      state: Socket.state ?? null,
      synced: Boolean(Socket.hasSynced),
      injected: window.WWebJS !== undefined,
    };
  });
}

/** Tells the library that the history is there, where that came before it listened. */
export function announceSynced(page: Page): Promise<void> {
  return page.evaluate(() => window.onAppStateHasSyncedEvent());
}

/** Takes the session back from another page that uses it. */
export async function takeOver(page: Page): Promise<void> {
  await page.evaluate(() => void window.require('WAWebSocketModel').Socket.takeover());
}

/** Ends the session at WhatsApp; the phone does not list us any more. */
export async function unlink(page: Page): Promise<void> {
  await page.evaluate(async () => void (await window.require('WAWebSocketModel').Socket.logout()));
}

/** Whether there is a chat with this id. */
export function hasChat(page: Page, chatId: string): Promise<boolean> {
  return page.evaluate((id) => {
    const wid = window.require('WAWebWidFactory').createWid(id);
    return Boolean(window.require('WAWebCollections').Chat.get(wid));
  }, chatId);
}

/**
 * The chats in which something may have happened since then (seconds since 1970), longest ago first. The library's
 * own list asks WhatsApp for the members of every group on the way.
 */
export async function chatsSince(page: Page, since: number): Promise<string[]> {
  const chats = await page.evaluate(() =>
    window
      .require('WAWebCollections')
      .Chat.getModelsArray()
      .map(({ id, t }) => ({ id: id._serialized, ...(t && { t }) })),
  );
  return chats
    .filter(({ t }) => t === undefined || t >= since)
    .sort((one, other) => (one.t ?? 0) - (other.t ?? 0))
    .map(({ id }) => id);
}

/** Shows the other side that something is being written. */
export async function showTyping(page: Page, chatId: string): Promise<void> {
  await page.evaluate((id) => void window.WWebJS?.sendChatstate('typing', id), chatId);
}

/**
 * Fetches a file into the page and keeps it there for `sliceOf`; resolves with its size in bytes, or with undefined
 * when it cannot be had now. As the library's `downloadMedia`, which hands over the whole file as one text.
 */
export function holdFile(page: Page, messageId: string): Promise<number | undefined> {
  return page.evaluate(async (id) => {
    const { messages } = await window.require('WAWebCollections').Msg.getMessagesById([id]);
    const [message] = messages;
    if (message?.mediaData?.mediaStage === 'REUPLOADING') return undefined;
    await message?.downloadMedia({ downloadEvenIfExpensive: true, rmrReason: 1 });
    const stage = message?.mediaData?.mediaStage ?? 'ERROR';
    if (!message || stage.includes('ERROR') || stage === 'FETCHING') return undefined;
    const bytes = await window.require('WAWebDownloadManager').downloadManager.downloadAndMaybeDecrypt({
      directPath: message.directPath,
      encFilehash: message.encFilehash,
      filehash: message.filehash,
      mediaKey: message.mediaKey,
      mediaKeyTimestamp: message.mediaKeyTimestamp,
      type: message.type,
      signal: new AbortController().signal,
      downloadQpl: {
        addAnnotations() {
          return this;
        },
        addPoint() {
          return this;
        },
      },
    });
    window.heldFiles ??= new Map();
    window.heldFiles.set(id, bytes);
    return bytes.byteLength;
  }, messageId);
}

/** A part of a file that the page holds, as base64. */
export function sliceOf(page: Page, messageId: string, from: number, to: number): Promise<string> {
  return page.evaluate(
    (id, start, end) => {
      const bytes = new Uint8Array(window.heldFiles?.get(id)?.slice(start, end) ?? new ArrayBuffer(0));
      let binary = '';
      // Not all at once: a call takes so many arguments and no more.
      for (let at = 0; at < bytes.length; at += 32_768)
        binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
      return btoa(binary);
    },
    messageId,
    from,
    to,
  );
}

/** Lets go of a file that the page holds. */
export async function letGo(page: Page, messageId: string): Promise<void> {
  await page.evaluate((id) => void window.heldFiles?.delete(id), messageId);
}
