import { createHmac, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';

/** Meta's side of the webhook: signing, sending, and sending again until it is taken. */

/** Where webhooks go, and the secret that signs them. */
export type WebhookTarget = { url: string; appSecret: string };

/** Our own number, in digits. */
const DISPLAY_NUMBER = '919999900000';

/** The JSON of a webhook with one change; `value` holds messages, contacts, statuses, errors, or what `field` has. */
export function webhookPayload(phoneNumberId: string, value: object, field = 'messages'): object {
  const metadata = { display_phone_number: DISPLAY_NUMBER, phone_number_id: phoneNumberId };
  const change = { field, value: { messaging_product: 'whatsapp', metadata, ...value } };
  return { object: 'whatsapp_business_account', entry: [{ id: '100000000000001', changes: [change] }] };
}

/** A buyer's text as the `value` of a change. `from` in digits; the id is new unless given. */
export function textValue({ text, ...message }: InboundText): object {
  return messageValue({ ...message, type: 'text', text: { body: text } });
}

/** `from` in digits without a plus. */
export type InboundText = Sender & { text: string };

type Sender = { from: string; id?: string; at?: Date; profileName?: string };

/** A message of any type as the `value` of a change. */
export function messageValue(message: InboundMessage): object {
  const { id = `wamid.in.${randomUUID()}`, at = new Date(), profileName = 'A Buyer', ...rest } = message;
  return {
    contacts: [{ profile: { name: profileName }, wa_id: message.from }],
    messages: [{ id, timestamp: secondsOf(at), ...rest }],
  };
}

/** `type` names the part that it carries, such as `{type: 'reaction', reaction: {message_id, emoji}}`. */
export type InboundMessage = Sender & { type: string; [part: string]: unknown };

/** The beginning or the end of a buyer's call, as the `value` of a change of `calls`. */
export function callValue({ from, id, event, at = new Date() }: InboundCall): object {
  const call = { id, event, from, to: DISPLAY_NUMBER, timestamp: secondsOf(at), direction: 'USER_INITIATED' };
  return { contacts: [{ profile: { name: 'A Buyer' }, wa_id: from }], calls: [call] };
}

export type InboundCall = { from: string; id: string; event: 'connect' | 'terminate'; at?: Date };

/** What somebody wrote in the Business app on our number, as the `value` of a change of `smb_message_echoes`. */
export function echoValue({ to, id, text, at = new Date() }: EchoedText): object {
  const echo = { from: DISPLAY_NUMBER, to, id, timestamp: secondsOf(at), type: 'text', text: { body: text } };
  return { message_echoes: [echo] };
}

export type EchoedText = { to: string; id: string; text: string; at?: Date };

function secondsOf(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}

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
