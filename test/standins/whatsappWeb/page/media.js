import { Model } from './models.js';
import { ask, download, upload } from './site.js';

/** Files: how the page prepares and uploads what is sent, and fetches what came. */

/** Files being sent, by hash, from their preparation until they are uploaded. */
const prepared = new Map();
/** How many downloads still find their file being uploaded again by the phone that sent it. */
let reuploads = 0;

export function expectReuploads(times) {
  reuploads = times;
}

/** The state of a received file. The library reads `mediaStage` once for each download of a file in reupload. */
export class ReceivedMedia {
  #stage = 'INIT';

  get mediaStage() {
    if (reuploads === 0) return this.#stage;
    reuploads -= 1;
    void ask('reuploads', { left: reuploads });
    return 'REUPLOADING';
  }

  async resolve(directPath) {
    this.#stage = (await ask('resolve', { directPath })).stage;
  }
}

class OpaqueData {
  constructor(blob) {
    this.blob = blob;
    this.url = () => URL.createObjectURL(blob);
    this.formData = () => blob;
    this.autorelease = () => {};
  }

  static async createFromData(blob) {
    return new OpaqueData(blob);
  }
}

/** What is known of a file being sent; spread by the library into the message. */
class SendableMedia extends Model {
  toJSON() {
    const { mediaBlob, renderableUrl, ...known } = this;
    return known;
  }
}

async function prepare(opaqueData, params) {
  const { blob } = opaqueData;
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  const filehash = btoa(String.fromCharCode(...new Uint8Array(hash)));
  prepared.set(filehash, blob);
  return new SendableMedia({
    type: typeOf(blob.type, params),
    mimetype: blob.type,
    filename: blob.name,
    size: blob.size,
    filehash,
    isGif: Boolean(params.asGif),
    mediaBlob: opaqueData,
  });
}

function typeOf(mimeType, { asDocument, asSticker, isPtt }) {
  if (asDocument) return 'document';
  if (asSticker) return 'sticker';
  if (mimeType.startsWith('audio/')) return isPtt ? 'ptt' : 'audio';
  const kind = mimeType.split('/')[0];
  return kind === 'image' || kind === 'video' ? kind : 'document';
}

async function uploadPrepared({ mediaObject }) {
  const { directPath } = await upload(prepared.get(mediaObject.filehash));
  prepared.delete(mediaObject.filehash);
  const mediaEntry = {
    mmsUrl: `https://mmg.whatsapp.net${directPath}`,
    deprecatedMms3Url: `https://mmg.whatsapp.net${directPath}`,
    directPath,
    mediaKey: mediaObject.filehash,
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    encFilehash: mediaObject.filehash,
    uploadHash: mediaObject.filehash,
  };
  return { mediaEntry };
}

export const mediaModules = {
  WAWebMediaOpaqueData: OpaqueData,
  WAWebPrepRawMedia: {
    prepRawMedia: (opaqueData, params) => ({ waitForPrep: () => prepare(opaqueData, params) }),
  },
  WAWebMediaStorage: {
    getOrCreateMediaObject: (filehash) => ({
      filehash,
      contentInfo: {},
      consolidate(known) {
        Object.assign(this, { type: known.type, size: known.size });
      },
    }),
  },
  WAWebMmsMediaTypes: { msgToMediaType: ({ type }) => type, castToV4: (type) => type },
  WAWebMediaDataUtils: { shouldUseMediaCache: () => false },
  WAWebMediaMmsV4Upload: { uploadMedia: uploadPrepared },
  WAWebDownloadManager: {
    downloadManager: { downloadAndMaybeDecrypt: ({ directPath }) => download(directPath) },
  },
};
