import type { Channel, Echo, Health, Inbound } from './channels/channel.ts';
import type { Deliveries } from './deliveries.ts';
import type { OutageWatch } from './outages.ts';
import type { Receiver } from './receive.ts';

export type GatewayParts = {
  /** The primary transport first: it names the line that buyers' conversations belong to. */
  channels: [Channel, ...Channel[]];
  receiver: Receiver;
  deliveries: Deliveries;
  outages: OutageWatch;
  /** Somebody answered from the paired phone. */
  echoed: (channel: Channel, echoes: Echo[]) => Promise<void>;
  /** A transport came up or went down. */
  stateChanged: (channel: Channel, health: Health) => void;
};

/** The doors to WhatsApp: every configured transport, tied to where its events are taken in. */
export class Gateway {
  private readonly parts: GatewayParts;

  constructor(parts: GatewayParts) {
    this.parts = parts;
  }

  async start(): Promise<void> {
    const { channels, deliveries, outages, echoed, stateChanged } = this.parts;
    await outages.start();
    for (const channel of channels) {
      await channel.start({
        inbound: (messages) => this.receive(channel, messages),
        delivery: (reports) => deliveries.report(reports),
        echo: (echoes) => echoed(channel, echoes),
        state: (health) => stateChanged(channel, health),
      });
    }
  }

  async stop(): Promise<void> {
    const { channels, outages } = this.parts;
    await outages.stop();
    for (const channel of channels) await channel.stop();
    await outages.idle();
  }

  /** Stores messages as if they had just come in over `channel`; see `Receiver.receive`. */
  async receive(channel: Channel, messages: Inbound[]): Promise<void> {
    const { receiver, outages } = this.parts;
    await outages.arriving(channel, messages);
    await receiver.receive(channel.id, messages);
    outages.stored(channel, messages);
  }
}
