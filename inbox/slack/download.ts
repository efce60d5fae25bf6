import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** Files of Slack, by hand: its client library does not transfer bytes. */

export type TransferParts = { apiUrl: string; botToken: string };

/** No further attempt will change it; the message is for people. */
export class TransferRefusal extends Error {}

const NO_ACCESS = 'Slack did not hand the file over: the app needs the permission files:read';

/**
 * Opens a file at Slack. The token goes to Slack's own hosts only, and to no address that one of them names in turn.
 * Throws `TransferRefusal` for what no retry can mend.
 */
export async function openSlackFile(
  { apiUrl, botToken }: TransferParts,
  url: string,
  signal: AbortSignal,
): Promise<Readable> {
  if (!isSlackAddress(url, apiUrl)) throw new TransferRefusal('the file does not lie at Slack');
  const headers = { authorization: `Bearer ${botToken}` };
  const response = await fetch(url, { headers, redirect: 'manual', signal });
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && response.body && !/^text\/html\b/i.test(type))
    return Readable.fromWeb(response.body as ReadableStream);
  await response.body?.cancel();
  // Without a valid token a page to sign in comes back, with 200 or as a redirect.
  if (response.ok || (response.status >= 300 && response.status < 400) || response.status === 403)
    throw new TransferRefusal(NO_ACCESS);
  if (response.status === 404 || response.status === 410)
    throw new TransferRefusal('the file is not at Slack any more');
  throw new Error(`Slack answered ${response.status}`);
}

/** Hands bytes over at an address that Slack has named for them. */
export async function sendSlackFile(
  { apiUrl }: TransferParts,
  url: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  if (!isSlackAddress(url, apiUrl)) throw new TransferRefusal('Slack named a strange address');
  const headers = { 'content-type': 'application/octet-stream' };
  const body = new Uint8Array(bytes);
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Slack answered ${response.status}`);
}

/** Slack's own hosts; where another server stands in for Slack, that one alone. */
function isSlackAddress(address: string, apiUrl: string): boolean {
  const api = new URL(apiUrl);
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (!isSlacks(api.hostname)) return url.origin === api.origin;
  return url.protocol === 'https:' && isSlacks(url.hostname);
}

function isSlacks(hostname: string): boolean {
  return hostname === 'slack.com' || hostname.endsWith('.slack.com');
}
