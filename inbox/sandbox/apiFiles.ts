import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { z } from 'zod';
import { ApiError, type ApiMethod, type Arguments, joinedChannel, json, readArgs } from './apiArguments.ts';
import { threadOf } from './apiChat.ts';
import type { Events } from './events.ts';
import type { FileStore } from './fileStore.ts';
import { APP } from './seeds.ts';
import type { Origin, WireFormat } from './wire.ts';
import type { SlackFile, Workspace } from './workspace.ts';

/** `files.*`: an upload is announced, its bytes are posted to the given address, then it is completed and shared. */

export type FileParts = {
  workspace: Workspace;
  store: FileStore;
  events: Events;
  wire: WireFormat;
  origin: Origin;
  uploads: Uploads;
};

const announceArgs = z.object({
  filename: z.string().min(1),
  length: z.coerce.number().int().positive(),
});
const completeArgs = z.object({
  files: json.pipe(z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1)),
  channel_id: z.string().optional(),
  thread_ts: z.string().optional(),
  initial_comment: z.string().optional(),
});
const infoArgs = z.object({ file: z.string() });

type Announced = { fileId: string; name: string; sizeBytes: number; received: boolean };

/** Uploads that were announced and not yet completed, by the secret in their address. */
export class Uploads {
  readonly #announced = new Map<string, Announced>();

  announce(fileId: string, name: string, sizeBytes: number): string {
    const secret = randomBytes(16).toString('hex');
    this.#announced.set(secret, { fileId, name, sizeBytes, received: false });
    return secret;
  }

  /** The upload whose address holds this secret; undefined when there is none. */
  bySecret(secret: string): Announced | undefined {
    return this.#announced.get(secret);
  }

  /** Ends an upload whose bytes have arrived. @throws ApiError `file_not_found`, `file_upload_size_mismatch` */
  complete(fileId: string): Announced {
    const found = [...this.#announced].find(([, announced]) => announced.fileId === fileId);
    if (!found?.[1].received) throw new ApiError('file_not_found');
    this.#announced.delete(found[0]);
    return found[1];
  }
}

export function fileMethods(parts: FileParts): Record<string, ApiMethod> {
  const { workspace, wire, origin, uploads } = parts;
  return {
    'files.getUploadURLExternal': (args) => {
      const { filename, length } = readArgs(announceArgs, args);
      const fileId = workspace.nextId('F');
      const secret = uploads.announce(fileId, filename, length);
      return { upload_url: `${origin.url}/upload/${secret}`, file_id: fileId };
    },
    'files.completeUploadExternal': (args) => complete(parts, args),
    'files.info': (args) => {
      const file = workspace.files.get(readArgs(infoArgs, args).file);
      if (!file) throw new ApiError('file_not_found');
      return { file: wire.file(file) };
    },
  };
}

/** Notes a file of someone in the workspace and keeps its bytes. */
export function keepFile(
  { workspace, store }: Pick<FileParts, 'workspace' | 'store'>,
  file: Pick<SlackFile, 'id' | 'name' | 'user' | 'channels'> & { title?: string; bytes: Buffer },
): SlackFile {
  const { bytes, ...described } = file;
  const kept: SlackFile = {
    ...described,
    title: file.title ?? file.name,
    mimeType: mimeTypeOf(file.name),
    sizeBytes: bytes.length,
    createdAtS: workspace.nowS(),
  };
  store.put(file.id, bytes);
  workspace.addFile(kept);
  return kept;
}

/** The type Slack gives a file by its name. */
function mimeTypeOf(name: string): string {
  const known: Record<string, string> = {
    '.pdf': 'application/pdf',
    '.png': 'image/png',
    '.jpg': 'image/jpeg',
    '.jpeg': 'image/jpeg',
    '.gif': 'image/gif',
    '.webp': 'image/webp',
    '.txt': 'text/plain',
    '.csv': 'text/csv',
    '.mp4': 'video/mp4',
    '.mp3': 'audio/mpeg',
    '.ogg': 'audio/ogg',
    '.opus': 'audio/ogg',
    '.m4a': 'audio/mp4',
    '.aac': 'audio/aac',
    '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  };
  return known[extname(name).toLowerCase()] ?? 'application/octet-stream';
}

function complete(parts: FileParts, args: Arguments): Record<string, unknown> {
  const given = readArgs(completeArgs, args);
  const { workspace, store, events, wire } = parts;
  const channel = given.channel_id ? joinedChannel(workspace, given.channel_id) : undefined;
  const thread = channel ? threadOf(workspace, channel, given.thread_ts) : {};
  const files = given.files.map(({ id, title }) => {
    const announced = parts.uploads.complete(id);
    const bytes = store.get(id) ?? Buffer.alloc(0);
    const channels = channel ? [channel.id] : [];
    const described = { id, name: announced.name, user: APP.botUserId, channels, bytes };
    return keepFile(parts, title ? { ...described, title } : described);
  });
  if (channel) {
    const message = workspace.addMessage({
      channel: channel.id,
      user: APP.botUserId,
      botId: APP.botId,
      subtype: 'file_share',
      text: given.initial_comment ?? '',
      files: files.map((file) => file.id),
      ...thread,
    });
    events.messagePosted(message);
  }
  return { files: files.map((file) => wire.file(file)) };
}
