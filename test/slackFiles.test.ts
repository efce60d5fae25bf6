import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { openSlackFile, TransferRefusal } from '../inbox/slack/download.ts';
import type { Product } from './product.ts';
import {
  legal,
  lineSaying,
  linesOf,
  MEERA,
  marksOf,
  openCase,
  settled,
  start,
  stopAll,
  textOf,
  whispers,
} from './threadDesk.ts';
import { until } from './until.ts';

const PDF = Buffer.from('%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

type File = { name: string; bytes: Buffer };

function drop(product: Product, ts: string, files: File[], text = '') {
  return product.slack.postAs(MEERA, legal, text, { threadTs: ts, files });
}

describe('a file dropped into a thread', () => {
  afterEach(stopAll);

  it.each(['socket', 'http'] as const)(
    'goes to the buyer with its words, several in their order and each once (%s)',
    async (slackMode) => {
      const product = await start({ slackMode });
      const { buyer, ts } = await openCase(product);
      product.slack.faults.duplicateEvents(3);
      const said = drop(
        product,
        ts,
        [
          { name: 'plan.pdf', bytes: PDF },
          { name: 'tower.png', bytes: PNG },
          { name: 'again.pdf', bytes: PDF },
        ],
        'Here are the plans',
      );
      await until('all of them', () => buyer.heard().length === 4);
      await settled(product);
      expect(buyer.heard().slice(1)).toEqual(['[plan.pdf]', '[tower.png]', '[again.pdf]']);
      const captions = product.phone
        .transcript(buyer.number)
        .flatMap(({ body }) => (body.kind === 'file' ? [body.caption] : []));
      expect(captions).toEqual(['Here are the plans', '', '']);
      await until('the tick', () => marksOf(product, said.ts).includes('white_check_mark'));
    },
  );

  it('whose words are too many for a caption goes out behind them', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const words = 'long words '.repeat(120).trim();
    drop(product, ts, [{ name: 'plan.pdf', bytes: PDF }], words);
    await until('both', () => buyer.heard().length === 3);
    expect(buyer.heard().slice(1)).toEqual([words, '[plan.pdf]']);
  });

  it('of a kind that is not kept is refused loudly, and the next one goes', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const page = Buffer.from('<!DOCTYPE html><html><script>alert(1)</script></html>');
    drop(product, ts, [
      { name: 'plan.pdf', bytes: page },
      { name: 'tower.png', bytes: PNG },
    ]);
    const line = await until('the line', () => lineSaying(product, ts, 'Not sent to the buyer: plan.pdf'));
    expect(textOf(line)).toContain('text/html is not kept');
    await until('the other one', () => buyer.heard().includes('[tower.png]'));
    expect(buyer.heard()).toHaveLength(2);
  });

  it('that is too large is refused before it is fetched', async () => {
    const product = await start({ env: { MEDIA_MAX_MEGABYTES: '1' } });
    const { buyer, ts } = await openCase(product);
    drop(product, ts, [{ name: 'huge.pdf', bytes: Buffer.concat([PDF, Buffer.alloc(1_100_000)]) }]);
    const line = await until('the line', () => lineSaying(product, ts, 'huge.pdf'));
    expect(textOf(line)).toContain('larger than 1 MB');
    expect(buyer.heard()).toHaveLength(1);
  });

  it('for which Slack hands over a page to sign in is refused loudly; Retry sends it once', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const real = globalThis.fetch;
    const page = () =>
      new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html; charset=utf-8' } });
    const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      return `${input}`.includes('/files/F') ? page() : real(input, init);
    });
    drop(product, ts, [{ name: 'plan.pdf', bytes: PDF }]);
    const line = await until('the line', () => lineSaying(product, ts, 'files:read'));
    fetching.mockRestore();
    await product.slack.click(MEERA, legal, line.ts, 'reply_retry');
    await product.slack.click(MEERA, legal, line.ts, 'reply_retry').catch(() => undefined);
    await until('the file', () => buyer.heard().includes('[plan.pdf]'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);
  });

  it('is fetched again by itself when Slack fails for a moment, and in order', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const real = globalThis.fetch;
    let failures = 2;
    const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (!`${input}`.includes('/files/F') || failures === 0) return real(input, init);
      failures -= 1;
      return new Response('busy', { status: 503 });
    });
    drop(product, ts, [
      { name: 'one.pdf', bytes: PDF },
      { name: 'two.png', bytes: PNG },
    ]);
    await until('a failure', () => failures === 1);
    product.advance(3_000);
    await until('another failure', () => failures === 0);
    product.advance(11_000);
    await until('both', () => buyer.heard().length === 3);
    fetching.mockRestore();
    expect(buyer.heard().slice(1)).toEqual(['[one.pdf]', '[two.png]']);
    expect(linesOf(product, ts).join()).not.toContain('Not sent');
  });

  it('with // stays in Slack', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const note = drop(product, ts, [{ name: 'plan.pdf', bytes: PDF }], '// for us only');
    await until('the mark', () => marksOf(product, note.ts).includes('memo'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(1);
    expect(whispers(product, MEERA, ts)).toEqual([]);
  });

  it('waits outside the window as words do', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.advance(25 * 3_600_000);
    drop(product, ts, [{ name: 'plan.pdf', bytes: PDF }]);
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('Templates')));
    await until('the invitation', () => buyer.heard().some((text) => text.includes('has a message for you')));
    await buyer.write('RERA yes?');
    await until('the file', () => buyer.heard().includes('[plan.pdf]'));
  });
});

describe('the token', () => {
  it.each([
    ['https://slack.com/api/', 'https://files.slack.com.evil.example/f'],
    ['https://slack.com/api/', 'http://files.slack.com/f'],
    ['https://slack.com/api/', 'https://example.com/f'],
    ['https://slack.com/api/', 'nonsense'],
    ['http://127.0.0.1:9/api/', 'http://127.0.0.1:8/f'],
    ['http://127.0.0.1:9/api/', 'https://files.slack.com/f'],
  ])('of %s does not go to %s', async (apiUrl, url) => {
    const fetching = jest.spyOn(globalThis, 'fetch');
    const opening = openSlackFile({ apiUrl, botToken: 'xoxb-secret' }, url, AbortSignal.timeout(1_000));
    await expect(opening).rejects.toBeInstanceOf(TransferRefusal);
    expect(fetching).not.toHaveBeenCalled();
    fetching.mockRestore();
  });

  it('does not follow Slack to another address', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url}`);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opening = openSlackFile(
      { apiUrl: `${base}/api/`, botToken: 'x' },
      `${base}/f`,
      AbortSignal.timeout(2_000),
    );
    await expect(opening).rejects.toBeInstanceOf(TransferRefusal);
    expect(asked).toEqual(['/f']);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a buyer’s file', () => {
  afterEach(stopAll);

  it.each(['socket', 'http'] as const)(
    'appears in the thread, a burst as one post (%s)',
    async (slackMode) => {
      const product = await start({ slackMode });
      const { buyer, ts } = await openCase(product);
      for (const name of ['one.png', 'two.png', 'three.png'])
        await product.phone.attachAs(buyer.number, {
          bytes: PNG,
          fileName: name,
          mimeType: 'image/png',
          caption: 'RERA, look',
        });
      await filesStored(product, 3);
      product.advance(5_000);
      const post = await until('the post', () => filePosts(product, ts)[0]);
      await settled(product);
      expect(post.files).toHaveLength(3);
      expect(filePosts(product, ts)).toHaveLength(1);
      const [id = ''] = post.files;
      const calls = product.slack.calls.filter(({ method }) => method === 'files.completeUploadExternal');
      expect(calls).toHaveLength(1);
      expect(id).not.toBe('');
    },
  );

  it.each([
    ['its name', 'Aadhaar_front.png', '', 'vault'],
    ['its caption', 'scan.png', 'my PAN card', 'vault'],
    ['a cheque', 'cancelled-cheque.png', '', 'kept out of Slack'],
    ['what they say', 'scan.png', 'aadhaar attached', 'vault'],
  ])(
    'that is an identity paper by %s is announced and kept out of Slack',
    async (_by, fileName, caption, where) => {
      const product = await start();
      const { buyer, ts } = await openCase(product);
      const file = { bytes: PNG, fileName, mimeType: 'image/png', caption };
      await product.phone.attachAs(buyer.number, file);
      await filesStored(product, 1);
      product.advance(5_000);
      await until('the line', async () => {
        const cases = await product.models.cases.model.find().lean();
        const threads = cases.flatMap(({ slack }) => (slack ? [slack] : []));
        return threads.some(({ channel, ts: card }) =>
          product.slack.thread(channel, card).some((message) => textOf(message).includes(where)),
        );
      });
      await settled(product);
      expect(product.slack.calls.filter(({ method }) => method.startsWith('files.'))).toEqual([]);
      expect(filePosts(product, ts)).toEqual([]);
    },
  );

  it('is shown once although the answer to our sharing it was lost', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'files.completeUploadExternal' });
    await product.phone.attachAs(buyer.number, {
      bytes: PNG,
      fileName: 'one.png',
      mimeType: 'image/png',
      caption: 'RERA, look',
    });
    await filesStored(product, 1);
    product.advance(5_000);
    await until('the post', () => filePosts(product, ts).length === 1);
    await settled(product);
    product.advance(10_000);
    await until(
      'the record',
      async () => (await product.models.media.model.findOne().lean())?.slackFile?.sharedAt,
    );
    expect(filePosts(product, ts)).toHaveLength(1);
  });

  it('that Slack refuses again and again has a line with Retry, which shows it once', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const refusal = { kind: 'apiError', error: 'missing_scope' } as const;
    product.slack.faults.api(refusal, { method: 'files.getUploadURLExternal', times: 4 });
    await product.phone.attachAs(buyer.number, {
      bytes: PNG,
      fileName: 'one.png',
      mimeType: 'image/png',
      caption: 'RERA, look',
    });
    await filesStored(product, 1);
    const line = await until('the line', () => {
      product.advance(6_000);
      return lineSaying(product, ts, 'upload_retry');
    });
    await product.slack.click(MEERA, legal, line.ts, 'upload_retry');
    await until('the post', () => filePosts(product, ts).length === 1);
    await settled(product);
    expect(filePosts(product, ts)).toHaveLength(1);
  });
});

async function filesStored(product: Product, count: number): Promise<void> {
  await until('the files to be stored', async () => {
    return (await product.models.media.model.countDocuments({ status: 'stored' })) === count;
  });
  await settled(product);
}

/** The app's posts in a thread that carry files. */
function filePosts({ slack }: Product, ts: string) {
  return slack.thread(legal, ts).filter((message) => message.botId !== undefined && message.files.length > 0);
}
