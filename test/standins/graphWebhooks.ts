import { createHmac, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';

/** Meta's side of the webhook: signing, sending, and sending again until it is taken. */

/** Where webhooks go, and the secret that signs them. */
export type WebhookTarget = { url: string; appSecret: string };

/** The JSON of a webhook with one change; `value` holds messages, contacts, statuses or errors. */
export function webhookPayload(phoneNumberId: string, value: object): object {
  const metadata = { display_phone_number: '919999900000', phone_number_id: phoneNumberId };
  const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
  return { object: 'whatsapp_business_account', entry: [{ id: '100000000000001', changes: [change] }] };
}

/** A buyer's text as the `value` of a change. `from` in digits; the id is new unless given. */
export function textValue(message: InboundText): object {
  const { from, id = `wamid.in.${randomUUID()}`, text, at = new Date(), profileName = 'A Buyer' } = message;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return {
    contacts: [{ profile: { name: profileName }, wa_id: from }],
    messages: [{ from, id, timestamp, type: 'text', text: { body: text } }],
  };
}

/** `from` in digits without a plus. */
export type InboundText = { from: string; id?: string; text: string; at?: Date; profileName?: string };

/** The bytes of a payload and the headers Meta would send with them. */
export function signedWebhook(
  payload: unknown,
  appSecret: string,
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return {
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  };
}

/** Delivers webhooks over kept connections, at most `MAX_CONNECTIONS` at a time. */
export type WebhookSender = {
  /** One try; resolves with the HTTP status, 0 when nobody answered. */
  post(payload: unknown): Promise<number>;
  /** Tries until 200 or until the delays are used up; resolves with the last status. */
  deliver(payload: unknown): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): void;
};

const MAX_CONNECTIONS = 32;

/** `target` is asked for at every try, so that the app may come back at another port. */
export function createWebhookSender(options: {
  target: () => WebhookTarget | undefined;
  retryDelaysMs: readonly number[];
}): WebhookSender {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const underWay = new Set<Promise<number>>();
  const stopping = new AbortController();
  // One for each webhook that waits for its next try.
  setMaxListeners(0, stopping.signal);

  async function post(payload: unknown): Promise<number> {
    const target = options.target();
    if (!target) throw new Error('the stand-in has no webhook to send to');
    const { body, headers } = signedWebhook(payload, target.appSecret);
    return postOnce(target.url, body, headers, agent);
  }

  async function tryUntilTaken(payload: unknown): Promise<number> {
    let status = await post(payload);
    for (const delayMs of options.retryDelaysMs) {
      if (status === 200 || stopping.signal.aborted) return status;
      await pause(delayMs, stopping.signal);
      if (!stopping.signal.aborted) status = await post(payload);
    }
    return status;
  }

  return {
    post,
    deliver(payload) {
      const delivery = tryUntilTaken(payload).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
      return delivery;
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    stop() {
      stopping.abort();
      agent.destroy();
    },
  };
}

function postOnce(url: string, body: string, headers: Record<string, string>, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const request = httpRequest(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', () => resolve(0));
      },
    );
    request.on('error', () => resolve(0));
    request.end(body);
  });
}

/** Waits, or ends at once when the stand-in stops. */
function pause(delayMs: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    stopping.addEventListener('abort', end);
  });
}
