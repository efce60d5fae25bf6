import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { hasEnded, nameInstance } from '../models/instance.ts';

const MODULE = new URL('../models/instance.ts', import.meta.url).href;

describe('instance', () => {
  it('knows that this process runs', () => {
    expect(hasEnded(nameInstance('an-id'))).toBe(false);
  });

  it('tells when another process has ended, and that its number was given to another one', async () => {
    const script = `import { nameInstance } from '${MODULE}'; console.log(nameInstance('an-id')); process.stdin.resume();`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    const [words] = await once(child.stdout, 'data');
    const instance = String(words).trim();
    expect(hasEnded(instance)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(hasEnded(instance)).toBe(true);
    const [boot, namespace] = instance.split('/');
    expect(hasEnded([boot, namespace, process.pid, 1, 'an-id'].join('/'))).toBe(true);
  });

  it.each([
    ['a plain id', 'b3e1'],
    ['a process of another machine', 'other-boot/pid:[1]/1/1/an-id'],
  ])('is in doubt about %s', (_what, instance) => {
    expect(hasEnded(instance)).toBe(false);
  });
});
