import type { IncomingMessage } from 'node:http';

/**
 * Forms as browsers send them, read without any script. A paper must lie in memory as a whole to be checked and
 * sealed, so a form is read as a whole too, within limits, and Node's own reader takes it apart.
 */

/** Fields by name, and the one file that a form may carry. */
export type Form = { fields: Map<string, string>; file?: { name: string; mimeType: string; bytes: Buffer } };

/** `too_large`: the rest of it was read and thrown away, so that the browser shows our answer. `broken`: no form. */
export type ReadForm = { kind: 'form'; form: Form } | { kind: 'too_large' | 'broken' };

const MOST_FIELD_BYTES = 64 * 1024;
/** So much of what is too large is still listened to: a browser shows an answer only when it has sent everything. */
const MOST_HEARD_BYTES = 96 * 1024 * 1024;

/** Reads a form with at most one file of `mostFileBytes`. */
export async function readForm(request: IncomingMessage, mostFileBytes = 0): Promise<ReadForm> {
  const type = request.headers['content-type'] ?? '';
  const isMultipart = /^multipart\/form-data;/i.test(type);
  if (!isMultipart && !/^application\/x-www-form-urlencoded\b/i.test(type)) return { kind: 'broken' };
  const body = await readBody(request, MOST_FIELD_BYTES + (isMultipart ? mostFileBytes : 0));
  if (!body) return { kind: 'too_large' };
  const form = isMultipart ? await readMultipart(type, body) : readFields(body);
  if (!form) return { kind: 'broken' };
  return form.file && form.file.bytes.length > mostFileBytes ? { kind: 'too_large' } : { kind: 'form', form };
}

/** Undefined when it is longer than `most`. */
async function readBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_HEARD_BYTES) break;
    if (length <= most) chunks.push(chunk);
    else chunks.length = 0;
  }
  return length <= most ? Buffer.concat(chunks) : undefined;
}

function readFields(body: Buffer): Form {
  return { fields: new Map(new URLSearchParams(body.toString('utf8'))) };
}

async function readMultipart(type: string, body: Buffer): Promise<Form | undefined> {
  try {
    const parsed = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const fields = new Map<string, string>();
    let file: Form['file'];
    for (const [name, value] of parsed) {
      if (typeof value === 'string') fields.set(name, value);
      // A form whose file was not chosen carries one without a name.
      else if (!file && value.name)
        file = { name: value.name, mimeType: value.type, bytes: Buffer.from(await value.arrayBuffer()) };
    }
    return { fields, ...(file && { file }) };
  } catch {
    return undefined;
  }
}
