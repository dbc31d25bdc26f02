import { createHmac, randomBytes } from 'node:crypto';

/** The command line's token for a sign-in secret; it acts as the first analyst. */
export function signInToken(secret: string): string {
  return derive(secret, 'cli');
}

/** The command line's token; it acts as this analyst of the simulated tenant. */
export function signInTokenOf(secret: string, analystId: string): string {
  return `${analystId}.${derive(secret, `cli ${analystId}`)}`;
}

/**
 * Link that signs a user in on the page. It works once, and only for the current start of the responder.
 * @param now milliseconds since the Unix epoch
 */
export function signInLink(url: string, secret: string, now: number): string {
  const body = `${now}.${randomBytes(16).toString('hex')}`;
  return `${url}/sign-in?token=${body}.${derive(secret, `link ${body}`)}`;
}

function derive(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('hex');
}
