/**
 * Local sign-in without Azure. All tokens are derived from one secret in the data directory. The holder of the secret can
 * act as any analyst of the simulated tenant. A link opens one browser session. The token derived from `cli` is the
 * bearer token of the command line; the one from `cli {id}` is the same for a named analyst.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { clock } from '../clock.js';
import { timingSafeEqualText } from '../timing-safe-equal.js';
import type { Person } from './caller.js';

const SESSION_MS = 12 * 3_600_000;
/** A link is valid for as long as a session lasts. */
const LINK_MS = SESSION_MS;
/** The list of used links does not survive a restart, so links from before this start are refused. */
const STARTED_AT = clock.now();
export const SESSION_COOKIE = 'responder-session';

/** Milliseconds since the Unix epoch, 16 random bytes, and the proof of both. */
const LINK_TOKEN = /^(?<body>(?<issuedAt>\d{1,16})\.[0-9a-f]{32})\.(?<proof>[0-9a-f]{64})$/;
const CLI_TOKEN = /^(?:(?<id>[0-9a-f-]{36})\.)?(?<proof>[0-9a-f]{64})$/;

export class LocalSignIn {
  readonly #secret: string;
  readonly #usedLinks = new Set<string>();

  /** @param analysts at least one; the first is the default. */
  constructor(
    secret: string,
    readonly analysts: readonly [Person, ...Person[]],
  ) {
    this.#secret = secret;
  }

  /** Whether the token is from an unused link of this start. */
  isOpenLink(token: string): boolean {
    const { body = '', issuedAt, proof = '' } = LINK_TOKEN.exec(token)?.groups ?? {};
    const made = Number(issuedAt);
    return (
      timingSafeEqualText(proof, this.#derive(`link ${body}`)) &&
      made >= STARTED_AT &&
      clock.now() < made + LINK_MS &&
      !this.#usedLinks.has(token)
    );
  }

  /** Uses up the link and returns a session for this analyst; undefined for an invalid token or an unknown analyst. */
  openSession(token: string, analystId: string): string | undefined {
    const analyst = this.#analyst(analystId);
    if (analyst === undefined || !this.isOpenLink(token)) return undefined;
    this.#usedLinks.add(token);
    return this.sessionOf(analyst);
  }

  /** A session for another analyst. The caller must already have a session. */
  sessionOf(analyst: Person): string {
    const body = `${clock.now() + SESSION_MS}.${analyst.id}.${randomBytes(16).toString('hex')}`;
    return `${body}.${this.#derive(`session ${body}`)}`;
  }

  /** The analyst of a session; undefined for a forged or expired session. */
  personOfSession(session: string): Person | undefined {
    const end = session.lastIndexOf('.');
    const body = session.slice(0, Math.max(end, 0));
    const [expiresAt = '', analystId = ''] = body.split('.');
    if (!timingSafeEqualText(session.slice(end + 1), this.#derive(`session ${body}`))) return undefined;
    return Number(expiresAt) > clock.now() ? this.#analyst(analystId) : undefined;
  }

  /** The analyst of a command line token; undefined if it is not valid. */
  personOfCommandLine(token: string): Person | undefined {
    const { id, proof = '' } = CLI_TOKEN.exec(token)?.groups ?? {};
    if (!timingSafeEqualText(proof, this.#derive(id === undefined ? 'cli' : `cli ${id}`))) return undefined;
    return id === undefined ? this.analysts[0] : this.#analyst(id);
  }

  #analyst(id: string): Person | undefined {
    return this.analysts.find((analyst) => analyst.id === id);
  }

  #derive(purpose: string): string {
    return createHmac('sha256', this.#secret).update(purpose).digest('hex');
  }
}
