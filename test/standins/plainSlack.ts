import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One call of the Web API as it arrived; `ts` is what a post got. */
export type PlainCall = {
  method: string;
  args: Record<string, string>;
  at: number;
  status: number;
  ts?: string;
};

/**
 * The least that can stand at `SLACK_API_URL`: every method is answered with `ok`, posts get a timestamp. Nothing of it
 * is the local Slack's, so that what is true of both is true of the product.
 */
export class PlainSlack {
  readonly calls: PlainCall[] = [];
  private readonly secret = 'plain-signing-secret';
  private readonly server: Server;
  /** By channel: until when it is answered with 429. */
  private readonly limitedUntil = new Map<string, number>();
  private posted = 0;

  constructor() {
    this.server = createServer(async (request, response) => {
      const args = Object.fromEntries(new URLSearchParams(await text(request)));
      const { status, headers, body } = this.answer(methodOf(request), args);
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    });
  }

  /** The settings of an app whose teams have these channels. */
  async listen(channels: Record<string, string>): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    const named = Object.entries(channels).map(([team, id]) => [`SLACK_CHANNEL_${team.toUpperCase()}`, id]);
    return {
      SLACK_MODE: 'http',
      SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
      SLACK_BOT_TOKEN: 'xoxb-plain',
      SLACK_SIGNING_SECRET: this.secret,
      ...Object.fromEntries(named),
    };
  }

  /** Answers posts to this channel with 429 for so long. */
  limit(channel: string, seconds: number): void {
    this.limitedUntil.set(channel, Date.now() + seconds * 1_000);
  }

  /** The calls of a method, in a channel where one is named, oldest first. */
  callsOf(method: string, channel?: string): PlainCall[] {
    return this.calls.filter((call) => call.method === method && (!channel || call.args.channel === channel));
  }

  /** Sends an interaction, signed, to the app; resolves with the HTTP status. */
  async interact(appUrl: string, payload: object): Promise<number> {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signed = createHmac('sha256', this.secret).update(`v0:${timestamp}:${body}`).digest('hex');
    const { status } = await fetch(`${appUrl}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signed}`,
      },
    });
    return status;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(method: string, args: Record<string, string>) {
    const at = Date.now();
    const waitMs = (this.limitedUntil.get(args.channel ?? '') ?? 0) - at;
    const isLimited = waitMs > 0 && method.startsWith('chat.');
    const call: PlainCall = { method, args, at, status: isLimited ? 429 : 200 };
    this.calls.push(call);
    if (isLimited) {
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
      return { status: 429, headers, body: { ok: false, error: 'ratelimited' } };
    }
    this.posted += 1;
    const ts = `1700000000.${String(this.posted).padStart(6, '0')}`;
    call.ts = ts;
    return {
      status: 200,
      headers: {},
      body: { ok: true, ts, channel: args.channel, messages: [], members: [] },
    };
  }
}

function methodOf({ url = '' }: IncomingMessage): string {
  return url.replace(/^\/api\//, '').replace(/\?.*$/, '');
}
