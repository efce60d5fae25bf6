import { createHmac } from 'node:crypto';
import type { Product } from './product.ts';

/** Posts what Slack would post, signed like Slack: for people and events that the local Slack does not have. */
export async function postSigned(
  { url, slack }: Product,
  body: string,
  contentType = 'application/x-www-form-urlencoded',
): Promise<Response> {
  const at = `${Math.floor(Date.now() / 1_000)}`;
  const signature = createHmac('sha256', slack.tokens.signingSecret).update(`v0:${at}:${body}`).digest('hex');
  const headers = {
    'content-type': contentType,
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${signature}`,
  };
  return fetch(`${url}/slack/events`, { method: 'POST', headers, body });
}
