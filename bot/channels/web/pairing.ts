import type { Logger } from 'pino';
import type { Pairing } from '../../../inbox/desk/connect.ts';
import type { Health } from '../channel.ts';

/** WhatsApp shows the first QR code for a minute, and each that follows for 20 seconds. */
const FIRST_QR_MS = 60_000;
const NEXT_QR_MS = 20_000;
/** The library asks for a new pairing code this often. */
export const CODE_MS = 180_000;

/** How far the pairing is and how the session stands, told to who listens. */
export class PairingState {
  readonly #now: () => Date;
  readonly #log: Logger;
  readonly #listeners = new Set<(pairing: Pairing) => void>();
  #current: Pairing;
  #hasShownQr = false;
  /** Told on every change of health, and on every `ready`. */
  onHealth: (health: Health) => void = () => undefined;

  constructor(now: () => Date, log: Logger) {
    this.#now = now;
    this.#log = log;
    this.#current = { health: 'starting', since: now() };
  }

  get(): Pairing {
    return this.#current;
  }

  listen(listener: (pairing: Pairing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A new client begins. What went wrong before stays to be read until something is better. */
  begin(): void {
    this.#hasShownQr = false;
    if (this.#current.health !== 'blocked' && this.#current.health !== 'loggedOut') this.become('starting');
  }

  showQr(text: string): void {
    const lastsMs = this.#hasShownQr ? NEXT_QR_MS : FIRST_QR_MS;
    this.#hasShownQr = true;
    const reason = this.#current.reason ?? this.#lossOfAccount();
    this.#set({
      ...this.#at('pairing'),
      qr: { text, expiresAt: this.#in(lastsMs) },
      ...(reason && { reason }),
    });
  }

  showCode(code: string, phone: string): void {
    this.#set({ ...this.#at('pairing'), code: { code, phone, expiresAt: this.#in(CODE_MS) } });
  }

  /** The history is there and messages are heard. */
  ready(account: string): void {
    this.#set({ ...this.#at('ready'), account: { name: account } });
  }

  /** The session stands otherwise; `reason` in plain words, the last one stays when there is none. */
  become(health: Exclude<Health, 'ready' | 'pairing'>, reason?: string): void {
    const { account } = this.#current;
    const words = reason ?? this.#current.reason;
    const keepsAccount = account && health !== 'loggedOut';
    this.#set({ ...this.#at(health), ...(words && { reason: words }), ...(keepsAccount && { account }) });
  }

  #lossOfAccount(): string | undefined {
    return this.#current.account && 'The session was lost: scan the code to pair the phone again.';
  }

  #at(health: Health): Pairing {
    return { health, since: health === this.#current.health ? this.#current.since : this.#now() };
  }

  #in(ms: number): Date {
    return new Date(this.#now().getTime() + ms);
  }

  #set(next: Pairing): void {
    const { health } = next;
    const hasChanged = health !== this.#current.health;
    this.#current = next;
    if (hasChanged) this.#log.info({ health, ...(next.reason && { reason: next.reason }) }, 'WhatsApp Web');
    for (const listener of this.#listeners) listener(next);
    if (hasChanged || health === 'ready') this.onHealth(health);
  }
}
