import { createHmac, randomBytes } from 'node:crypto';

/** The command line's token for a sign-in secret, in the name of the first analyst. */
export function signInToken(secret: string): string {
  return derive(secret, 'cli');
}

/** The command line's token in the name of one of the simulated tenant's analysts. */
export function signInTokenOf(secret: string, analystId: string): string {
  return `${analystId}.${derive(secret, `cli ${analystId}`)}`;
}

/**
 * Address that signs a person in on the page: once, and only at the start of the responder that it was made for.
 * @param now milliseconds since the Unix epoch
 */
export function signInLink(url: string, secret: string, now: number): string {
  const body = `${now}.${randomBytes(16).toString('hex')}`;
  return `${url}/sign-in?token=${body}.${derive(secret, `link ${body}`)}`;
}

function derive(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('hex');
}
