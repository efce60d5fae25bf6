import type { Logger } from 'pino';
import { ChannelError, type ChannelErrorClass, type Health } from '../channel.ts';

/** How the account stands: ready until Graph refuses us, as opposed to a message; then it is asked until it is well. */
export type CloudHealth = {
  state(): Health;
  started(): void;
  stopped(): void;
  /** Graph took a message. */
  sent(): void;
  /** Graph took our token, which says nothing about an account that may not send. */
  reached(): void;
  /** Graph refused something; only a refusal of the token or the account counts. */
  failed(errorClass: ChannelErrorClass | undefined, code: string): void;
};

/**
 * `canSend` asks Graph and throws `ChannelError` when it is refused; it is called every `probeEveryMs` while the
 * channel is down, because nothing may be sent meanwhile that would show it. `onChange` hears of every change.
 */
export function createHealth(options: {
  log: Logger;
  canSend: () => Promise<boolean>;
  probeEveryMs: number;
  onChange: (health: Health) => void;
}): CloudHealth {
  const { log, canSend, probeEveryMs, onChange } = options;
  let state: Health = 'starting';
  let probing: NodeJS.Timeout | undefined;
  const isDown = (): boolean => state === 'degraded' || state === 'blocked';

  function become(next: Health): void {
    if (next === state) return;
    state = next;
    clearTimeout(probing);
    if (isDown()) probeLater();
    onChange(next);
  }

  /** One question at a time: the next one is put when this one has its answer. */
  function probeLater(): void {
    const timer = setTimeout(async () => {
      await probe();
      if (isDown() && probing === timer) probeLater();
    }, probeEveryMs);
    probing = timer.unref();
  }

  function recover(): void {
    become('ready');
    log.info('Cloud API accepts us again');
  }

  function fall(to: 'degraded' | 'blocked', code: string): void {
    if (to !== state) log.error({ code, state: to }, 'Cloud API refuses this account');
    become(to);
  }

  async function probe(): Promise<void> {
    const can = await canSend().catch((error: unknown) => {
      log.debug(
        { code: error instanceof ChannelError ? error.code : 'unknown' },
        'Cloud API still refuses us',
      );
    });
    if (can === undefined || !isDown()) return;
    if (can) recover();
    else fall('blocked', 'health_status');
  }

  return {
    state: () => state,
    started: () => become('ready'),
    stopped: () => become('stopped'),
    sent() {
      if (isDown()) recover();
    },
    reached() {
      if (state === 'degraded') recover();
    },
    failed(errorClass, code) {
      const isOurs = errorClass === 'auth' || errorClass === 'blocked';
      if (!isOurs || (state !== 'ready' && !isDown())) return;
      fall(errorClass === 'blocked' ? 'blocked' : 'degraded', code);
    },
  };
}
