import { fileTypeFromBuffer } from 'file-type';
import { type Declared, fileTypeOf, HEAD_BYTES } from '../fileType.ts';
import { openPdf } from './pdf.ts';
import { type PictureProblem, pictureProblem } from './picture.ts';

/**
 * What a machine can say of a file that is to be a paper: whether a person can read it at all. What it shows, whose
 * it is and whether it is genuine is for people. A picture of a paper is not read by any machine here.
 */

/** Enough for a scan of an agreement, little enough to be checked in memory. */
export const MOST_DOCUMENT_BYTES = 15 * 1024 * 1024;
export const MOST_PDF_PAGES = 60;

export type FileProblem =
  | PictureProblem
  | 'empty'
  | 'too_large'
  | 'wrong_type'
  | 'archive'
  | 'heic'
  | 'pdf_locked'
  | 'pdf_broken'
  | 'pdf_empty'
  | 'pdf_too_long';

/** One thing that is wrong, as the copy key of what to do about it, with what fills the copy. */
export type Retake = { problem: FileProblem; copy: string; data: Record<string, string> };

/** `mismatch` says what its sender called it otherwise; the content is believed. */
export type DocumentCheck =
  | { isUsable: true; mimeType: string; pages?: number; mismatch?: string }
  | { isUsable: false; mimeType: string; retake: Retake };

const PICTURES = ['image/jpeg', 'image/png', 'image/webp'];
/** iPhones write them. The library that reads the others comes without the decoder, whose patents want a licence. */
const HEIC = ['image/heic', 'image/heif'];
const ARCHIVES = [
  'application/zip',
  'application/x-7z-compressed',
  'application/vnd.rar',
  'application/x-rar-compressed',
  'application/gzip',
  'application/x-bzip2',
  'application/x-xz',
  'application/x-tar',
  'application/zstd',
  'application/x-lzip',
  'application/x-compress',
];

/** Checks a whole file. `bytes` may be longer than allowed; nothing of an archive or a large picture is unpacked. */
export async function checkDocument(bytes: Buffer, declared: Declared): Promise<DocumentCheck> {
  if (bytes.length === 0) return unusable('', 'empty');
  const head = bytes.subarray(0, HEAD_BYTES);
  const type = await fileTypeOf(head, declared);
  const mimeType = type.isKept ? type.mimeType : '';
  if (!type.isKept) return unusable('', (await isArchive(head)) ? 'archive' : 'wrong_type');
  if (HEIC.includes(mimeType)) return unusable(mimeType, 'heic');
  if (mimeType !== 'application/pdf' && !PICTURES.includes(mimeType)) return unusable(mimeType, 'wrong_type');
  if (bytes.length > MOST_DOCUMENT_BYTES)
    return unusable(mimeType, 'too_large', { most: `${MOST_DOCUMENT_BYTES / 1024 / 1024}` });
  const mismatch = type.mismatch && { mismatch: type.mismatch };
  if (mimeType === 'application/pdf') return { ...(await checkPdf(bytes)), ...mismatch };
  const problem = await pictureProblem(bytes);
  return problem ? unusable(mimeType, problem) : { isUsable: true, mimeType, ...mismatch };
}

async function checkPdf(bytes: Buffer): Promise<DocumentCheck> {
  const mimeType = 'application/pdf';
  const opened = await openPdf(bytes);
  if ('problem' in opened) return unusable(mimeType, `pdf_${opened.problem}`);
  const { pages } = opened;
  return pages > MOST_PDF_PAGES
    ? unusable(mimeType, 'pdf_too_long', { most: `${MOST_PDF_PAGES}` })
    : { isUsable: true, mimeType, pages };
}

async function isArchive(head: Buffer): Promise<boolean> {
  const found = await fileTypeFromBuffer(head);
  return found !== undefined && ARCHIVES.includes(found.mime);
}

function unusable(mimeType: string, problem: FileProblem, data: Record<string, string> = {}): DocumentCheck {
  return { isUsable: false, mimeType, retake: { problem, copy: `kyc_retake_${problem}`, data } };
}
