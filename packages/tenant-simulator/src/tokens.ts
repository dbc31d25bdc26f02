/**
 * Access tokens. They are opaque to the app, and expire by the machine's clock even if the tenant runs in virtual time,
 * because the SDKs that cache them use no other clock.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { TenantState } from './tenant.js';

const claimsSchema = z.object({ aud: z.string(), appid: z.string(), exp: z.number() });
type App = TenantState['app'];

export function issueToken(app: App, audience: string): string {
  const claims = { aud: audience, appid: app.clientId, exp: Date.now() + app.tokenLifetimeSeconds * 1000 };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `simulated.${payload}.${sign(app, payload)}`;
}

/** The reason to refuse a token, or undefined if it is valid for one of the audiences. */
export function refuseToken(
  app: App,
  authorization: string | undefined,
  audiences: readonly string[],
): string | undefined {
  if (authorization === undefined) return 'There is no access token.';
  const [, payload = '', signature = ''] =
    /^Bearer simulated\.([\w-]+)\.([0-9a-f]+)$/.exec(authorization) ?? [];
  if (payload === '' || !equal(signature, sign(app, payload))) return 'The access token is not valid.';
  const claims = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (claims.appid !== app.clientId) return 'The access token is from another application.';
  if (claims.exp <= Date.now()) return 'The access token has expired.';
  return audiences.includes(claims.aud) ? undefined : 'The access token has the wrong audience.';
}

function sign(app: App, payload: string): string {
  return createHmac('sha256', app.clientSecret).update(payload).digest('hex');
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
