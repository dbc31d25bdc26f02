import { createHmac } from 'node:crypto';

/** What a sign-in secret is turned into: a token for the page's link, another for the command line. */
export function signInToken(secret: string, purpose: 'link' | 'cli'): string {
  return createHmac('sha256', secret).update(purpose).digest('hex');
}

/** The command line's token in the name of one of the simulated tenant's analysts. */
export function signInTokenOf(secret: string, analystId: string): string {
  return `${analystId}.${createHmac('sha256', secret).update(`cli ${analystId}`).digest('hex')}`;
}
