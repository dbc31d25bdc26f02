/** Domains and URLs of an incident: their own canonical text is their identity. */
import { z } from 'zod';
import type { EntityOf } from '../domain/entities.js';
import { found } from '../domain/found-by.js';
import { visible } from '../domain/visible.js';
import type { InputOrRefusal, Refusal, Resolution, Resolver } from './define.js';
import { sha256Hex } from './hash.js';

const querySchema = z.object({ text: z.string().min(1).max(2_000).describe('As the incident gives it') });
type Query = z.infer<typeof querySchema>;
/** The canonical text. */
export interface FoundName {
  readonly text: string;
}

/** A name of at least two labels; internationalised names in their ASCII form. */
export const domainResolver: Resolver<'dns', Query, FoundName> = {
  kind: 'dns.domain',
  query: querySchema,
  identify: ({ domain }: EntityOf<'dns'>) => queryOf(domain, canonicalDomain, 'a domain name'),
  resolve: ({ text }) => resolved('dns.domain', 'domain', canonicalDomain(text), 'a domain name'),
  read: (id) => resolved('dns.domain', 'domain', canonicalDomain(id), 'a domain name'),
};

/** An address of the web, without its fragment. */
export const urlResolver: Resolver<'url', Query, FoundName> = {
  kind: 'web.url',
  query: querySchema,
  identify: ({ url }: EntityOf<'url'>) => queryOf(url, canonicalUrl, 'a URL of the web'),
  resolve: ({ text }) => resolved('web.url', 'url', canonicalUrl(text), 'a URL of the web'),
  read: (id) => resolved('web.url', 'url', canonicalUrl(id), 'a URL of the web'),
};

/** In lower case, without a final dot. Undefined: an address, a single label, a pattern, or no domain. */
export function canonicalDomain(text: string): string | undefined {
  const bare = text.trim().replace(/\.$/, '');
  if (!/^[\p{L}\p{N}\p{M}._-]{3,253}$/u.test(bare) || !URL.canParse(`http://${bare}/`)) return undefined;
  const { hostname } = new URL(`http://${bare}/`);
  const labels = hostname.split('.');
  const isName =
    labels.length > 1 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return isName && /[a-z]/.test(labels.at(-1) ?? '') ? hostname : undefined;
}

/** Undefined: another scheme than http and https, credentials in it, or a host that is no domain name. */
export function canonicalUrl(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || /[\s\\]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  if (url.username !== '' || url.password !== '' || canonicalDomain(url.hostname) === undefined)
    return undefined;
  return url.href.length > 2_000 ? undefined : url.href;
}

function queryOf(
  text: string | undefined,
  canonical: (text: string) => string | undefined,
  what: string,
): InputOrRefusal<Query> {
  if (text === undefined || text.length > 2_000 || canonical(text) === undefined)
    return not(text ?? '', what);
  return { ok: true, input: { text } };
}

const not = (text: string, what: string): Refusal => ({
  ok: false,
  code: 'target-unknown',
  reason: `“${visible(text).slice(0, 80)}” is not ${what}.`,
});

async function resolved(
  kind: 'dns.domain' | 'web.url',
  foundBy: 'domain' | 'url',
  text: string | undefined,
  what: string,
): Promise<Resolution<FoundName>> {
  if (text === undefined) return not('', what);
  const key = (await sha256Hex(text)).slice(0, 40);
  const record = { kind, id: text, name: text, ...found(foundBy), ids: { key } } as const;
  return { ok: true, found: { text }, record: { ...record, agreed: [`${foundBy} ${text}`], unchecked: [] } };
}
