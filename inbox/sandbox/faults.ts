/** Troubles on demand, so that tests and the curious can see how the app bears them. */

/** What goes wrong with a call of the Web API. `dropAnswer` does the work and then cuts the connection. */
export type ApiFault =
  | { kind: 'rateLimit'; retryAfterS: number }
  | { kind: 'latency'; delayMs: number }
  | { kind: 'httpError'; status: number }
  | { kind: 'apiError'; error: string }
  | { kind: 'dropAnswer' };

/** Which calls a fault meets; without method or channel, any. It meets `times` calls (1 unless told). */
export type FaultScope = { method?: string; channel?: string; times?: number };

type PlannedFault = { fault: ApiFault; scope: FaultScope; left: number };

/** What the faults need from the rest of the local Slack. */
export type FaultTargets = {
  expireTriggers(times: number): void;
  disconnect(manner: 'warned' | 'cut'): void;
};

export class Faults {
  readonly #targets: FaultTargets;
  #planned: PlannedFault[] = [];
  #duplicates = { copies: 0, left: 0 };
  #reorderNext = 0;

  constructor(targets: FaultTargets) {
    this.#targets = targets;
  }

  /** Lets the next matching calls of the Web API fail. Example: `api({kind: 'rateLimit', retryAfterS: 1}, {method: 'chat.update'})` */
  api(fault: ApiFault, scope: FaultScope = {}): void {
    this.#planned.push({ fault, scope, left: scope.times ?? 1 });
  }

  /** Delivers each of the next `times` events `copies` times, with one event id. */
  duplicateEvents(copies: number, times = 1): void {
    this.#duplicates = { copies, left: times };
  }

  /** Holds the next `count` events back and delivers them last first. */
  reorderEvents(count: number): void {
    this.#reorderNext = count;
  }

  /** The next `times` trigger ids are expired when the app gets them. */
  expireTriggers(times = 1): void {
    this.#targets.expireTriggers(times);
  }

  /** Ends the Socket Mode connections: `warned` asks the app to reconnect, `cut` just goes away. */
  disconnect(manner: 'warned' | 'cut' = 'cut'): void {
    this.#targets.disconnect(manner);
  }

  /** Takes all planned troubles back. */
  clear(): void {
    this.#planned = [];
    this.#duplicates = { copies: 0, left: 0 };
    this.#reorderNext = 0;
    this.#targets.expireTriggers(0);
  }

  /** The fault that meets this call, used up by it. */
  takeApiFault(method: string, channel: string | undefined): ApiFault | undefined {
    const planned = this.#planned.find(
      ({ scope, left }) =>
        left > 0 && (scope.method ?? method) === method && (scope.channel ?? channel) === channel,
    );
    if (planned) planned.left -= 1;
    return planned?.fault;
  }

  /** How many times the next event is to be delivered. */
  takeCopies(): number {
    if (this.#duplicates.left === 0) return 1;
    this.#duplicates.left -= 1;
    return this.#duplicates.copies;
  }

  /** How many events are to be held and turned round, counting from the next one; asking uses it up. */
  takeReorder(): number {
    const count = this.#reorderNext;
    this.#reorderNext = 0;
    return count;
  }
}
