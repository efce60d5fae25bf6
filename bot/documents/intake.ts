import { Readable } from 'node:stream';
import type { Upload, VaultDocument } from '../../models/document.ts';
import type { Declared } from '../fileType.ts';
import { checkDocument } from './check.ts';
import type { Vault } from './vault.ts';

/**
 * What an uploaded file came to, with the copy that tells the buyer: taken in, there already, or to be sent again.
 * Of a file that is to be sent again nothing is kept.
 */
export type Intake =
  | { kind: 'stored'; document: VaultDocument }
  | { kind: 'duplicate'; document: VaultDocument; copy: 'kyc_already_received' }
  | { kind: 'retake'; copy: string; data: Record<string, string>; document?: VaultDocument };

/**
 * Checks a whole file and, when it can be used, puts it into the vault. `upload` is what is known of it apart from
 * its content; uploading again under its id is a no-op. `declared` is what the sender calls it.
 */
export async function takeIn(
  vault: Pick<Vault, 'store'>,
  upload: Omit<Upload, 'mimeType' | 'warnings'>,
  bytes: Buffer,
  declared: Declared,
): Promise<Intake> {
  const check = await checkDocument(bytes, declared);
  if (!check.isUsable) return { kind: 'retake', copy: check.retake.copy, data: check.retake.data };
  const warnings = check.mismatch ? ['mismatch'] : [];
  const { mimeType } = check;
  const { kind, document } = await vault.store({ ...upload, mimeType, warnings }, Readable.from([bytes]));
  switch (kind) {
    case 'stored':
      return { kind, document };
    case 'duplicate':
      return { kind, document, copy: 'kyc_already_received' };
    case 'rejectedBefore':
      return { kind: 'retake', copy: 'kyc_retake_same_again', data: {}, document };
  }
}
