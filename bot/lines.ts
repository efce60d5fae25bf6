import type { Logger } from 'pino';
import type { Channel, Health } from './channels/channel.ts';
import type { Line } from './route.ts';

export type LinesParts = {
  channels: ReadonlyMap<string, Channel>;
  /** Logs an error and tells people; `key` names the trouble, so that it is told once. */
  alert: (key: string, text: string) => void;
  /** Shows in the metrics whether messages wait for this transport. */
  onHeld: (channel: string, isHeld: boolean) => void;
  now: () => Date;
  log: Logger;
};

/** What people call each kind of transport. */
export const LINE_NAME: Record<Channel['kind'], string> = {
  web: 'WhatsApp (paired phone)',
  cloud: 'WhatsApp (Cloud API)',
  sandbox: 'WhatsApp (sandbox)',
};

type Standing = { health: Health; since: Date; isHeld: boolean };

/** The transports as senders see them: how each is, since when, and whether people know what it keeps waiting. */
export class Lines {
  private readonly parts: LinesParts;
  private readonly standings = new Map<string, Standing>();

  constructor(parts: LinesParts) {
    this.parts = parts;
  }

  /** Every transport, the primary one first. */
  all(): Line[] {
    return [...this.parts.channels.values()].map((channel) => {
      const { health, since } = this.look(channel);
      return { id: channel.id, caps: channel.caps, health, since };
    });
  }

  /** Notes how a transport is now: call it on every change of health, so that `since` is exact. */
  look(channel: Channel): Standing {
    const known = this.standings.get(channel.id);
    const health = channel.health();
    const now = this.parts.now();
    const since = !known || isReady(known.health) !== isReady(health) ? now : known.since;
    const standing = { health, since, isHeld: known?.isHeld ?? false };
    this.standings.set(channel.id, standing);
    if (known && isReady(health) && !isReady(known.health)) this.free(channel.id);
    return this.standings.get(channel.id) ?? standing;
  }

  /** Messages wait for this transport: said once per outage. */
  held(channel: string, reason: string): void {
    const known = this.standings.get(channel);
    const { alert, onHeld, now } = this.parts;
    if (known?.isHeld) return;
    this.standings.set(channel, { health: 'stopped', since: now(), ...known, isHeld: true });
    onHeld(channel, true);
    const kind = this.parts.channels.get(channel)?.kind;
    const name = kind ? LINE_NAME[kind] : channel;
    alert(`held:${channel}`, `${name} takes no messages (${reason}). They wait, and go out by themselves.`);
  }

  /** The transport takes messages (again). */
  free(channel: string): void {
    const known = this.standings.get(channel);
    if (!known?.isHeld) return;
    this.standings.set(channel, { ...known, isHeld: false });
    this.parts.onHeld(channel, false);
    this.parts.log.info({ channel }, 'messages that waited for a transport go out again');
  }
}

function isReady(health: Health): boolean {
  return health === 'ready';
}
