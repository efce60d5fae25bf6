import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fingerprint, readExamples } from '../bot/understand/examples.ts';
import {
  classify,
  encodeModel,
  loadModel,
  loadTaughtModel,
  type Model,
  taughtPath,
} from '../bot/understand/model.ts';
import { crossValidate, teach } from '../bot/understand/training.ts';
import { type Ended, runCommand } from './cli.ts';
import { databaseUri } from './world.ts';

/** Enough to tell a few meanings apart, and quick to learn. */
const FEW = ['greeting', 'complaint', 'receipt_request', 'visit_book', 'other'];
const examples = readExamples()
  .filter(({ intent }) => FEW.includes(intent))
  .filter((_, i) => i % 5 === 0);
const ODD = 'chai samosa ka bill bhejna bhai';

function best(model: Model, text: string): string | undefined {
  return classify(model, text)[0]?.name;
}

describe('teaching', () => {
  it('makes the same model of the same lessons', () => {
    const once = encodeModel(teach({ examples, corrections: [] }));
    expect(encodeModel(teach({ examples, corrections: [] })).equals(once)).toBe(true);
  });

  it('lets a correction change how its words are read, and leaves the rest as it was', () => {
    const before = teach({ examples, corrections: [] });
    expect(best(before, ODD)).not.toBe('visit_book');
    const corrections = [{ text: ODD, intent: 'visit_book' as const }];
    const after = teach({ examples, corrections });
    expect(best(after, ODD)).toBe('visit_book');
    const others = ['namaste ji', 'rasid bhej dijiye', 'aapki service bekar hai, koi sunta nahi'];
    expect(others.map((text) => best(after, text))).toEqual(others.map((text) => best(before, text)));
    expect(after.header).toMatchObject({ examples: fingerprint(examples), corrections: 1 });
  });

  it('believes a person rather than an example with the same words', () => {
    const [example] = examples.filter(({ intent }) => intent === 'complaint');
    const text = example?.text.toUpperCase() ?? '';
    const corrections = [{ text, intent: 'receipt_request' as const }];
    expect(best(teach({ examples, corrections }), text)).toBe('receipt_request');
  });

  it('judges every lesson once, by models that had not seen it', () => {
    const corrections = [{ text: ODD, intent: 'visit_book' as const }];
    const judged = crossValidate({ examples, corrections });
    expect(judged.map(({ text }) => text).sort()).toEqual(
      [...examples, ...corrections].map(({ text }) => text).sort(),
    );
    expect(judged.find(({ text }) => text === ODD)?.guess).not.toBe('visit_book');
  });
});

describe('the model of an installation', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function dataDir(bytes?: Buffer): string {
    const folder = mkdtempSync(join(tmpdir(), 'baton-taught-'));
    folders.push(folder);
    if (bytes) writeFileSync(taughtPath(folder), bytes);
    return folder;
  }

  /** What `npm run train -- --corrections` writes, from fewer lessons. */
  function taught(madeFrom: string): Buffer {
    const model = teach({ examples, corrections: [{ text: ODD, intent: 'visit_book' }] });
    return encodeModel({ ...model, header: { ...model.header, examples: madeFrom } });
  }

  it('is the one that its team has taught', () => {
    const { model, stale } = loadTaughtModel(dataDir(taught(loadModel().header.examples)));
    expect({ stale, corrections: model.header.corrections }).toEqual({ stale: false, corrections: 1 });
    expect(best(model, ODD)).toBe('visit_book');
  });

  it.each([
    ['none has been taught', undefined, false],
    ['the taught one was made for another version', taught('0123456789abcdef'), true],
    ['the taught one is damaged', Buffer.from('nonsense'), true],
    ['the taught one was cut short', taught(loadModel().header.examples).subarray(0, 5_000), true],
  ])("is the product's own when %s", (_, bytes, stale) => {
    const found = loadTaughtModel(dataDir(bytes));
    expect(found.stale).toBe(stale);
    expect(found.model.header).toEqual(loadModel().header);
  });
});

describe('the commands', () => {
  it.each([
    ['train', 'nobody has corrected anything yet: no model was written\n'],
    ['eval', '0 corrections\n'],
  ])('%s --corrections says so when there are none', async (command, words) => {
    expect(await run(command, ['--corrections'], databaseUri())).toEqual({
      code: 0,
      out: words,
      err: '',
    });
  });

  it.each(['train', 'eval'])('%s refuses what it does not know', async (command) => {
    const { code, err } = await run(command, ['--everything'], databaseUri());
    expect(code).toBe(2);
    expect(err).toContain('--everything');
    expect(err).toContain(`usage: npm run ${command}`);
  });
});

function run(command: string, args: string[], uri: string): Promise<Ended> {
  return runCommand(`bot/understand/${command}.ts`, args, { MONGODB_URI: uri });
}
