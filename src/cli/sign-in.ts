import { createHmac } from 'node:crypto';

/** What a sign-in secret is turned into: a token for the page's link, another for the command line. */
export function signInToken(secret: string, purpose: 'link' | 'cli'): string {
  return createHmac('sha256', secret).update(purpose).digest('hex');
}
