import type { Server } from 'node:http';
import request from 'supertest';
import { PortalLinks } from '../bot/portal/links.ts';
import { createHttpServer } from '../bot/server.ts';
import type { PortalPage } from '../flows/types.ts';
import type { NewBooking } from '../models/booking.ts';
import { sell } from './sale.ts';
import { World } from './world.ts';

/** What opens the links of every world, as its vault. */
const SECRET = 'only for the tests of this project';

export type Agent = ReturnType<typeof request.agent>;

/** The buyers' pages of a world, with browsers to look at them. */
export class PortalSite {
  readonly world: World;
  readonly server: Server;
  readonly links: PortalLinks;

  private constructor(world: World) {
    this.world = world;
    this.server = createHttpServer(world.context);
    const { buyers } = world.context.models;
    this.links = new PortalLinks({ buyers, secret: SECRET, publicUrl: world.context.config.publicUrl });
  }

  static async open(options: Parameters<typeof World.open>[0] = {}): Promise<PortalSite> {
    return new PortalSite(await World.open(options));
  }

  /** Somebody who has written to us. */
  async buyer(number: string, words = 'Hi'): Promise<string> {
    await this.world.write(number, words);
    return (await this.world.conversation(number)).buyer;
  }

  /** A unit that is sold to these buyers. */
  async sell(buyers: string[], more: Partial<NewBooking> & { number?: string } = {}): Promise<string> {
    return sell(this.world.context.models, { buyers, ...more });
  }

  /** The path of a link's address. */
  async link(buyer: string, page: PortalPage = 'home', more: { project?: string } = {}): Promise<string> {
    const url = await this.links.issue({ buyer, page, ...more }, this.world.now);
    return new URL(url).pathname;
  }

  /** A browser of its own, without any script, that has opened a buyer's link. */
  async browser(buyer: string): Promise<Agent> {
    const agent = request.agent(this.server);
    await agent.get(await this.link(buyer)).expect(303);
    return agent;
  }

  /** A browser in which the code from this number's WhatsApp has been typed. */
  async proven(buyer: string, number: string): Promise<Agent> {
    const agent = await this.browser(buyer);
    await this.sendCode(agent);
    await expectMoved(submit(agent, '/portal/code', { code: this.codeOn(number), next: 'papers' }));
    return agent;
  }

  async sendCode(agent: Agent): Promise<void> {
    await expectMoved(submit(agent, '/portal/code/send', { next: 'papers' }));
    await this.world.rest();
  }

  /** The latest code on a phone. */
  codeOn(number: string): string {
    const codes = this.world.answers(number).flatMap((words) => /^\*?(\d{6})\b/.exec(words)?.[1] ?? []);
    const code = codes.at(-1);
    if (!code) throw new Error(`no code on ${number}`);
    return code;
  }

  async close(): Promise<void> {
    this.server.close();
    await this.world.close();
  }
}

/** The token that the forms of a page carry. */
export async function tokenIn(agent: Agent, path = '/portal/leave'): Promise<string> {
  const { text } = await agent.get(path);
  const token = /name="form" value="([^"]+)"/.exec(text)?.[1];
  if (!token) throw new Error(`no form on ${path}`);
  return token;
}

/** Sends a form of fields from a buyer's own page. */
export async function submit(
  agent: Agent,
  path: string,
  fields: Record<string, string>,
): Promise<request.Response> {
  const form = await tokenIn(agent);
  return agent
    .post(path)
    .type('form')
    .send({ form, ...fields });
}

async function expectMoved(sent: Promise<request.Response>): Promise<void> {
  const { status, text } = await sent;
  if (status !== 303) throw new Error(`a form was answered with ${status}: ${text.slice(0, 400)}`);
}
