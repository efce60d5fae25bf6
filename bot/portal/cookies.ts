import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { PortalSession, PortalSessions } from '../../models/portalSession.ts';
import { derivedKey } from '../documents/keys.ts';

const SESSION_COOKIE = 'baton_portal';
const LANGUAGE_COOKIE = 'baton_language';
const HOUR_MS = 3_600_000;
const SESSION_MS = 12 * HOUR_MS;
const LANGUAGE_MS = 365 * 24 * HOUR_MS;
const PATH = '/portal';
const TOKEN_BYTES = 32;

export type CookieParts = { sessions: PortalSessions; secret: string; isHttps: boolean };

/** A browser's cookies: whose session it is, and the language it was switched to. No script can read either. */
export class Cookies {
  private readonly parts: CookieParts;
  private readonly formKey: Buffer;

  constructor(parts: CookieParts) {
    this.parts = parts;
    this.formKey = derivedKey(parts.secret, 'portal forms');
  }

  /** Begins a session in this browser; one that was there before is over. */
  async begin(
    request: Request,
    response: Response,
    whose: Pick<PortalSession, 'buyer' | 'generation'>,
    now: Date,
  ): Promise<void> {
    const before = cookieOf(request, SESSION_COOKIE);
    if (before) await this.parts.sessions.end(idOf(before));
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = new Date(now.getTime() + SESSION_MS);
    await this.parts.sessions.begin({ _id: idOf(secret), ...whose, openedAt: now, expiresAt });
    response.cookie(SESSION_COOKIE, secret, this.options(SESSION_MS));
  }

  /** The session of this browser, unless it has ended. */
  async session(request: Request, now: Date): Promise<PortalSession | undefined> {
    const secret = cookieOf(request, SESSION_COOKIE);
    return secret ? this.parts.sessions.at(idOf(secret), now) : undefined;
  }

  async end(request: Request, response: Response): Promise<void> {
    const secret = cookieOf(request, SESSION_COOKIE);
    if (secret) await this.parts.sessions.end(idOf(secret));
    response.clearCookie(SESSION_COOKIE, this.options(0));
  }

  language(request: Request): 'en' | 'hi' | undefined {
    const chosen = cookieOf(request, LANGUAGE_COOKIE);
    return chosen === 'en' || chosen === 'hi' ? chosen : undefined;
  }

  rememberLanguage(response: Response, language: 'en' | 'hi'): void {
    response.cookie(LANGUAGE_COOKIE, language, this.options(LANGUAGE_MS));
  }

  /**
   * What every form of this session carries: another site cannot know it. It is masked with fresh dice each time, so
   * that it cannot be guessed from the length of compressed pages either (BREACH).
   */
  formToken(session: PortalSession): string {
    const mask = randomBytes(TOKEN_BYTES);
    return Buffer.concat([mask, exclusiveOr(mask, this.tokenOf(session))]).toString('base64url');
  }

  /** Whether a form came from one of this session's pages. */
  isOwnForm(session: PortalSession, token: string): boolean {
    const given = Buffer.from(token, 'base64url');
    if (given.length !== 2 * TOKEN_BYTES) return false;
    const unmasked = exclusiveOr(given.subarray(0, TOKEN_BYTES), given.subarray(TOKEN_BYTES));
    return timingSafeEqual(unmasked, this.tokenOf(session));
  }

  private tokenOf({ _id }: PortalSession): Buffer {
    return createHmac('sha256', this.formKey).update(_id).digest();
  }

  private options(maxAge: number) {
    return { httpOnly: true, sameSite: 'lax', secure: this.parts.isHttps, path: PATH, maxAge } as const;
  }
}

function exclusiveOr(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));
}

/** The database knows a session by this. */
function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function cookieOf({ headers }: Request, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value || undefined;
}
