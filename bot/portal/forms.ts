import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';

/** Forms as browsers send them, read without any script, in pieces and within limits. */

/** Fields by name, and the one file that a form may carry: a paper lies in memory whole to be checked and sealed. */
export type Form = { fields: Map<string, string>; file?: { name: string; mimeType: string; bytes: Buffer } };

/** `too_large`: the rest of it was read and thrown away, so that the browser shows our answer. `broken`: no form. */
export type ReadForm = { kind: 'form' | 'too_large'; form: Form } | { kind: 'broken' };

const MOST_FIELDS = 20;
const MOST_FIELD_BYTES = 4 * 1024;
/** So much of what is too large is still listened to: a browser shows an answer only when it has sent everything. */
const MOST_HEARD_BYTES = 96 * 1024 * 1024;
const TYPES = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i;

/** Reads a form with at most one file of `mostFileBytes`; of a longer one only the fields are kept. */
export async function readForm(request: IncomingMessage, mostFileBytes = 0): Promise<ReadForm> {
  const { headers } = request;
  if (!TYPES.test(headers['content-type'] ?? '') || headers['content-encoding'] !== undefined)
    return { kind: 'broken' };
  if (Number(headers['content-length'] ?? 0) > MOST_HEARD_BYTES) return { kind: 'broken' };
  try {
    return await parse(request, mostFileBytes);
  } catch {
    // The boundary is missing, a part is cut short, or the browser has gone.
    return { kind: 'broken' };
  }
}

function parse(request: IncomingMessage, mostFileBytes: number): Promise<ReadForm> {
  const form: Form = { fields: new Map() };
  let kind: 'form' | 'too_large' = 'form';
  const limits = {
    fields: MOST_FIELDS,
    fieldSize: MOST_FIELD_BYTES,
    fieldNameSize: 100,
    files: 1,
    fileSize: mostFileBytes,
    parts: MOST_FIELDS + 1,
    headerPairs: 20,
  };
  // Browsers write file names in UTF-8, whatever the standard once said.
  const parser = busboy({ headers: request.headers, limits, defParamCharset: 'utf8' });
  return new Promise((resolve, reject) => {
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) kind = 'too_large';
      else form.fields.set(name, value);
    });
    parser.on('file', (_name, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => {
        kind = 'too_large';
        chunks.length = 0;
      });
      stream.on('error', reject);
      stream.on('close', () => {
        // A form whose file was not chosen carries one without a name.
        if (filename) form.file = { name: filename, mimeType, bytes: Buffer.concat(chunks) };
      });
    });
    parser.on('error', reject);
    parser.on('close', () => resolve({ kind, form }));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the form broke off'));
    });
    request.pipe(parser);
  });
}
