/**
 * Signing in without Azure, on one's own machine: everything is derived from one secret that the process was started
 * with. `link` opens a browser session once, `cli` is the command line's bearer token.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { clock } from './clock.js';

const SESSION_MS = 12 * 3_600_000;
export const SESSION_COOKIE = 'responder-session';

export type SignedIn = { readonly channel: 'cli' } | { readonly channel: 'web'; readonly session: string };

export class LocalSignIn {
  readonly #secret: string;
  #linkUsed = false;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Whether it is the link's token and nobody has used it since this process started. */
  isOpenLink(token: string): boolean {
    return !this.#linkUsed && same(token, this.#derive('link'));
  }

  /** Uses up the link and gives a session, or undefined for any other token. */
  openSession(token: string): string | undefined {
    if (!this.isOpenLink(token)) return undefined;
    this.#linkUsed = true;
    const body = `${clock.now() + SESSION_MS}.${randomBytes(16).toString('hex')}`;
    return `${body}.${this.#derive(`session ${body}`)}`;
  }

  isSession(session: string): boolean {
    const end = session.lastIndexOf('.');
    const body = session.slice(0, Math.max(end, 0));
    const expiresAt = Number(body.split('.')[0]);
    return same(session.slice(end + 1), this.#derive(`session ${body}`)) && expiresAt > clock.now();
  }

  isCommandLine(token: string): boolean {
    return same(token, this.#derive('cli'));
  }

  /** What a form of this session must send back. */
  formToken(session: string): string {
    return this.#derive(`form ${session}`);
  }

  isFormToken(session: string, token: string): boolean {
    return same(token, this.formToken(session));
  }

  #derive(purpose: string): string {
    return createHmac('sha256', this.#secret).update(purpose).digest('hex');
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
