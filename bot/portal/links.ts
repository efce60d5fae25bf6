import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { PORTAL_PAGES, type PortalPage } from '../../flows/types.ts';
import type { Buyers } from '../../models/buyer.ts';
import { derivedKey } from '../documents/keys.ts';

/** Where a link leads, and whose pages it opens. */
export type LinkTarget = { buyer: string; page: PortalPage; booking?: string; project?: string };

/** What a token is worth. An expired one is authentic: it still says whose it was. */
export type OpenedLink =
  | ({ kind: 'ok' } & LinkTarget & { generation: number })
  | ({ kind: 'expired' } & LinkTarget)
  | { kind: 'revoked' }
  | { kind: 'tampered' };

const VALID_MS = 7 * 24 * 3_600_000;
/** 128 bits: nobody guesses them, and a link stays short enough to be read in a chat. */
const MAC_BYTES = 16;
const MOST_TOKEN_CHARACTERS = 600;

/** buyer, page, booking, project, generation, expiry in seconds */
const tokenSchema = z.tuple([
  z.string().min(1),
  z.enum(PORTAL_PAGES),
  z.string(),
  z.string(),
  z.number().int(),
  z.number().int(),
]);

/**
 * Links to a buyer's pages. A link carries what it opens and a signature over it, so that nothing is stored for it; it
 * ends after seven days, and with all others of its buyer once they are revoked.
 */
export class PortalLinks {
  private readonly parts: { buyers: Buyers; secret: string; publicUrl: string };
  private readonly key: Buffer;

  constructor(parts: { buyers: Buyers; secret: string; publicUrl: string }) {
    this.parts = parts;
    this.key = derivedKey(parts.secret, 'portal links');
  }

  /** A link for this buyer. Throws when there is no such buyer. */
  async issue({ buyer, page, booking = '', project = '' }: LinkTarget, now: Date): Promise<string> {
    const generation = await this.parts.buyers.portalGeneration(buyer);
    if (generation === undefined) throw new Error('a portal link needs a buyer');
    const expiresS = Math.floor((now.getTime() + VALID_MS) / 1_000);
    const fields: z.infer<typeof tokenSchema> = [buyer, page, booking, project, generation, expiresS];
    const body = Buffer.from(JSON.stringify(fields)).toString('base64url');
    return `${this.parts.publicUrl}/portal/l/${body}.${this.sign(body)}`;
  }

  /** What a token opens now. Nothing is looked up for one that we have not signed. */
  async open(token: string, now: Date): Promise<OpenedLink> {
    const fields = this.read(token);
    if (!fields) return { kind: 'tampered' };
    const [named, page, booking, project, generation, expiresS] = fields;
    const current = await this.parts.buyers.portalGeneration(named);
    if (current !== generation) return { kind: 'revoked' };
    const today = await this.parts.buyers.byId(named);
    const target = {
      buyer: today?._id ?? named,
      page,
      ...(booking && { booking }),
      ...(project && { project }),
    };
    if (expiresS * 1_000 <= now.getTime()) return { kind: 'expired', ...target };
    return {
      kind: 'ok',
      ...target,
      generation: (await this.parts.buyers.portalGeneration(target.buyer)) ?? 0,
    };
  }

  /** Ends every link of this buyer, and every session that began with one. */
  async revoke(buyer: string, now: Date): Promise<void> {
    await this.parts.buyers.revokePortal(buyer, now);
  }

  private read(token: string): z.infer<typeof tokenSchema> | undefined {
    if (token.length > MOST_TOKEN_CHARACTERS) return undefined;
    const [, body = '', mac = ''] = /^([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
    const given = Buffer.from(mac);
    const right = Buffer.from(this.sign(body));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return tokenSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).data;
  }

  private sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest().subarray(0, MAC_BYTES).toString('base64url');
  }
}
