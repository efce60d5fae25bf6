import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Faults } from './faults.ts';
import { APP, WORKSPACE } from './seeds.ts';
import { type Envelope, NotAcknowledged, type Transport } from './transport.ts';
import type { Wire } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** Brings events and actions to the app. Events are retried, as Slack does; actions and commands are not. */

export type DeliverOptions = {
  workspace: Workspace;
  transport: Transport;
  faults: Faults;
  /** Waits before the first, second and third retry of an event. */
  retryDelaysMs: number[];
  log: Logger;
};

export class Deliver {
  readonly #options: DeliverOptions;
  readonly #ending = new AbortController();
  readonly #underway = new Set<Promise<void>>();
  #held: Envelope[] = [];
  #holding = 0;

  constructor(options: DeliverOptions) {
    this.#options = options;
  }

  /** Sends an event on its way and returns at once. */
  event(event: Wire): void {
    const envelope: Envelope = { type: 'events_api', payload: this.#callback(event) };
    this.#holding = this.#options.faults.takeReorder() || this.#holding;
    if (this.#holding === 0) {
      this.#dispatch(envelope);
      return;
    }
    this.#held.push(envelope);
    if (this.#held.length < this.#holding) return;
    this.#holding = 0;
    for (const held of this.#held.splice(0).reverse()) this.#dispatch(held);
  }

  /** Sends an action or command and resolves with the app's answer. @throws NotAcknowledged */
  ask(type: 'interactive' | 'slash_commands', payload: Wire): Promise<unknown> {
    return this.#options.transport.send({ type, payload }, { number: 0 });
  }

  /** Resolves when every event so far is acknowledged or given up. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** Gives up what is on its way and ends connections. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#options.transport.close();
  }

  #dispatch(envelope: Envelope): void {
    const copies = this.#options.faults.takeCopies();
    for (let copy = 0; copy < copies; copy += 1) {
      const done = this.#deliver(envelope).finally(() => this.#underway.delete(done));
      this.#underway.add(done);
    }
  }

  async #deliver(envelope: Envelope): Promise<void> {
    const { transport, retryDelaysMs, log } = this.#options;
    const eventId = envelope.payload.event_id;
    let reason: string | undefined;
    for (let number = 0; number <= retryDelaysMs.length; number += 1) {
      try {
        if (number > 0) await delay(retryDelaysMs[number - 1], undefined, { signal: this.#ending.signal });
        // A newcomer's first message may come before the app has dialled in: wait rather than use up retries.
        await this.#orEnding(transport.reachable());
        await transport.send(envelope, { number, ...(reason ? { reason } : {}) });
        return;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        reason = error instanceof NotAcknowledged ? error.reason : 'http_error';
        log.warn({ err: error, eventId, attempt: number }, 'The app did not acknowledge an event');
        if (error instanceof NotAcknowledged && !error.retryable) return;
      }
    }
  }

  #orEnding(reachable: Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      const stop = () => reject(new NotAcknowledged('closed'));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      reachable.then(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, reject);
    });
  }

  #callback(event: Wire): Wire {
    return {
      token: 'local',
      team_id: WORKSPACE.id,
      api_app_id: APP.appId,
      event,
      type: 'event_callback',
      event_id: this.#options.workspace.nextId('Ev'),
      event_time: this.#options.workspace.nowS(),
      authorizations: [
        {
          enterprise_id: null,
          team_id: WORKSPACE.id,
          user_id: APP.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    };
  }
}
