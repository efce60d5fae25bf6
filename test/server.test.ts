import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import { until } from './until.ts';
import { databaseUri } from './world.ts';

const products: Product[] = [];
const proxies: DatabaseProxy[] = [];

async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct(options);
  products.push(product);
  return product;
}

afterEach(async () => {
  jest.restoreAllMocks();
  for (const product of products.splice(0)) await product.stop();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

describe('a running product', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(() => product.stop());

  it('says alive, ready with every part, and counts in Prometheus’ words', async () => {
    const { inbox } = product.baton.context;
    await until('Slack', () => inbox.health() === 'ready');
    const health = await request(product.url).get('/health').expect(200);
    expect(health.body).toEqual({ status: 'alive' });
    const ready = await request(product.url).get('/ready').expect(200);
    expect(ready.body).toEqual({ status: 'ready', database: 'ready', channel: 'ready', slack: 'ready' });

    const buyer = product.buyer();
    await buyer.write('Hi');
    await until('an answer', () => buyer.heard().length > 0);
    const { text, headers } = await request(product.url).get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^baton_inbound_messages_total\{kind="new"\} 1$/m);
    expect(text).toMatch(/^baton_sends_total\{outcome="accepted"\} [1-9]/m);
    expect(text).toMatch(/^baton_send_delay_seconds_count [1-9]/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
  });

  it('is not ready while the line to WhatsApp is down', async () => {
    product.phone.goOffline();
    const ready = await request(product.url).get('/ready').expect(503);
    expect(ready.body).toMatchObject({ status: 'not ready', channel: 'degraded' });
    await request(product.url).get('/health').expect(200);
    await product.phone.goOnline();
    await request(product.url).get('/ready').expect(200);
  });

  it('answers with helmet’s headers and does not name the framework', async () => {
    const { headers } = await request(product.url).get('/health');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("object-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it.each([
    ['get', '/nothing'],
    ['get', '/desk/nothing'],
    ['get', '/..%2f..%2fetc/passwd'],
    ['get', '/sandbox/..%2f..%2fpackage.json'],
    ['get', '/webhooks/whatsapp'],
    ['post', '/health'],
    ['delete', '/ready'],
  ] as const)('says in JSON that nothing is there: %s %s', async (method, path) => {
    const { body, headers } = await request(product.url)[method](path).expect(404);
    expect(headers['content-type']).toContain('application/json');
    expect(body).toMatchObject({ error: 'not_found' });
  });

  it('never shows a stack or an error’s words', async () => {
    const { registry } = product.baton.context.metrics;
    jest.spyOn(registry, 'metrics').mockRejectedValue(new Error('secret of /srv/app/metrics.ts'));
    const { body, text } = await request(product.url).get('/metrics').expect(500);
    expect(body).toEqual({ error: 'internal', message: 'try again later' });
    expect(text).not.toMatch(/secret|\.ts|at /);
  });

  it('refuses a malformed address without a stack', async () => {
    const { text, status } = await request(product.url).get('/sandbox/%E0%A4%A');
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/node_modules|\.js:|\.ts:/);
  });

  it('takes Slack’s events over HTTP only when signed', async () => {
    const body = { type: 'url_verification', challenge: 'c1' };
    await request(product.url).post('/slack/events').send(body).expect(401);
    await request(product.url).post('/slack/events').set('x-slack-signature', 'v0=00').send(body).expect(401);
    expect(await product.slack.verifyEventsUrl()).toBe(true);
  });

  it('has no local Slack when a real one is configured', async () => {
    await request(product.url).get('/sandbox/phone/').expect(200);
    await request(product.url).get('/sandbox/slack/').expect(404);
    await request(product.url).post('/sandbox/slack/api/auth.test').expect(404);
  });
});

describe('readiness', () => {
  it('stays ready without Slack, and says so', async () => {
    const product = await start({ slackIsOpen: false });
    const { inbox } = product.baton.context;
    await until('the failure', () => inbox.health() === 'degraded');
    const ready = await request(product.url).get('/ready').expect(200);
    expect(ready.body).toMatchObject({ status: 'ready', slack: 'degraded' });
  });

  it('is not ready while the database is gone, stays alive, and comes back with it', async () => {
    const proxy = await DatabaseProxy.open();
    proxies.push(proxy);
    const product = await start({ env: { MONGODB_URI: proxy.uri } });
    await until('a start', async () => (await request(product.url).get('/ready')).status === 200);
    await proxy.cut();
    const ready = await request(product.url).get('/ready').expect(503);
    expect(ready.body).toMatchObject({ status: 'not ready', database: 'down' });
    await request(product.url).get('/health').expect(200);
    await proxy.restore();
    await until(
      'the database',
      async () => (await request(product.url).get('/ready')).status === 200,
      15_000,
    );
  });
});

describe('Slack’s events', () => {
  it('have no address in Socket Mode', async () => {
    const { url } = await start({ slackMode: 'socket' });
    await request(url).post('/slack/events').send({}).expect(404);
  });
});

describe('the sandbox', () => {
  it('serves its pages, the phone and the local Slack, with WhatsApp and Slack in the sandbox', async () => {
    const { url } = await start({ slackMode: 'sandbox' });
    await request(url).get('/').expect(302).expect('location', '/sandbox/');
    for (const path of ['/sandbox/', '/sandbox/phone/', '/sandbox/slack/']) {
      const { headers } = await request(url).get(path).expect(200);
      expect(headers['content-type']).toContain('text/html');
    }
  });

  it('is not there at all when neither is in the sandbox', async () => {
    const { url } = await start({
      env: {
        SECRET_KEY: 'only for the tests of this project',
        WHATSAPP_TRANSPORT: 'cloud',
        WHATSAPP_CLOUD_PHONE_NUMBER_ID: '200000000000001',
        WHATSAPP_CLOUD_ACCESS_TOKEN: 'token',
        WHATSAPP_CLOUD_APP_SECRET: 'secret',
        WHATSAPP_CLOUD_VERIFY_TOKEN: 'verify',
      },
    });
    for (const path of [
      '/',
      '/sandbox/',
      '/sandbox/phone/',
      '/sandbox/phone/api/phones',
      '/sandbox/slack/',
    ]) {
      await request(url).get(path).expect(404);
    }
    await request(url).post('/webhooks/whatsapp').send({}).expect(401);
  });
});

/** A way to the test's database that can be cut, as when a server goes away. */
class DatabaseProxy {
  readonly uri: string;
  private readonly port: number;
  private readonly host: string;
  private readonly open = new Set<Socket>();
  private server: Server;

  private constructor(server: Server, uri: string, host: string) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.host = decodeURIComponent(host);
    this.uri = uri.replace(host, `127.0.0.1:${this.port}`);
    server.on('connection', (socket) => this.pass(socket));
  }

  static async open(): Promise<DatabaseProxy> {
    const uri = databaseUri();
    const host = /^mongodb:\/\/([^/]+)/.exec(uri)?.[1] ?? '';
    return new DatabaseProxy(await listening(0), uri, host);
  }

  /** Ends all connections and takes no more. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.open) {
      socket.destroy();
      // Not all in one tick: the driver (7.9) waits for ever for a command that it writes between the end of a
      // socket and its close event.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
  }

  async restore(): Promise<void> {
    this.server = await listening(this.port);
    this.server.on('connection', (socket) => this.pass(socket));
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private pass(near: Socket): void {
    const [name = '', port] = this.host.split(':');
    const far = port ? connect(Number(port), name) : connect(name);
    for (const socket of [near, far]) {
      this.open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.open.delete(socket));
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}
