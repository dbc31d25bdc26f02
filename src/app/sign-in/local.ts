/**
 * Signing in without Azure, on one's own machine: everything is derived from one secret, which the data directory
 * keeps. Its holder plays the analysts of the simulated tenant: a link opens a browser session once, `cli` is the
 * command line's bearer token, `cli {id}` the same in the name of one of the analysts.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { clock } from '../clock.js';
import { sameText } from '../same-text.js';
import type { Person } from './caller.js';

const SESSION_MS = 12 * 3_600_000;
/** A link opens a session for as long as a session lasts. */
const LINK_MS = SESSION_MS;
/** Used links are forgotten when the process ends: a link of an earlier start is refused. */
const STARTED_AT = clock.now();
export const SESSION_COOKIE = 'responder-session';

/** Milliseconds since the Unix epoch, 16 random bytes, and the proof of both. */
const LINK_TOKEN = /^(?<body>(?<issuedAt>\d{1,16})\.[0-9a-f]{32})\.(?<proof>[0-9a-f]{64})$/;
const CLI_TOKEN = /^(?:(?<id>[0-9a-f-]{36})\.)?(?<proof>[0-9a-f]{64})$/;

export class LocalSignIn {
  readonly #secret: string;
  readonly #usedLinks = new Set<string>();

  /** @param analysts at least one; the first is meant where nobody is named. */
  constructor(
    secret: string,
    readonly analysts: readonly [Person, ...Person[]],
  ) {
    this.#secret = secret;
  }

  /** Whether it is the token of a link of this start that nobody has used yet. */
  isOpenLink(token: string): boolean {
    const { body = '', issuedAt, proof = '' } = LINK_TOKEN.exec(token)?.groups ?? {};
    const made = Number(issuedAt);
    return (
      sameText(proof, this.#derive(`link ${body}`)) &&
      made >= STARTED_AT &&
      clock.now() < made + LINK_MS &&
      !this.#usedLinks.has(token)
    );
  }

  /** Uses up the link and gives a session of this analyst, or undefined for any other token or person. */
  openSession(token: string, analystId: string): string | undefined {
    const analyst = this.#analyst(analystId);
    if (analyst === undefined || !this.isOpenLink(token)) return undefined;
    this.#usedLinks.add(token);
    return this.sessionOf(analyst);
  }

  /** Another session, for whoever has one already: the same person at the keyboard plays another analyst. */
  sessionOf(analyst: Person): string {
    const body = `${clock.now() + SESSION_MS}.${analyst.id}.${randomBytes(16).toString('hex')}`;
    return `${body}.${this.#derive(`session ${body}`)}`;
  }

  /** Whose session it is; undefined for a made-up or an old one. */
  personOfSession(session: string): Person | undefined {
    const end = session.lastIndexOf('.');
    const body = session.slice(0, Math.max(end, 0));
    const [expiresAt = '', analystId = ''] = body.split('.');
    if (!sameText(session.slice(end + 1), this.#derive(`session ${body}`))) return undefined;
    return Number(expiresAt) > clock.now() ? this.#analyst(analystId) : undefined;
  }

  /** Whose command line sends this token. */
  personOfCommandLine(token: string): Person | undefined {
    const { id, proof = '' } = CLI_TOKEN.exec(token)?.groups ?? {};
    if (!sameText(proof, this.#derive(id === undefined ? 'cli' : `cli ${id}`))) return undefined;
    return id === undefined ? this.analysts[0] : this.#analyst(id);
  }

  #analyst(id: string): Person | undefined {
    return this.analysts.find((analyst) => analyst.id === id);
  }

  #derive(purpose: string): string {
    return createHmac('sha256', this.#secret).update(purpose).digest('hex');
  }
}
