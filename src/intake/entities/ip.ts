import type { EntityOf } from '../../domain/entities.js';
import { fieldOf, textOf } from '../text.js';

/** An Ip entity with its canonical text: two spellings of one address are one entity. */
export function ipOf(properties: unknown): EntityOf<'ip'> | undefined {
  const address = canonicalAddress(textOf(fieldOf(properties, 'address')) ?? '');
  if (address === undefined) return undefined;
  return {
    kind: 'ip',
    key: `ip:${address}`,
    display: address,
    identity: 'strong',
    address,
    scope: scopeOf(address),
  };
}

/** IPv4 as dotted decimals, IPv6 compressed and in lower case, IPv4-mapped IPv6 as IPv4. Undefined: not an address. */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%[\w.-]+$/, '');
  if (octets(bare)) return bare;
  if (!bare.includes(':') || !/^[0-9a-f:.]{2,45}$/i.test(bare) || !URL.canParse(`http://[${bare}]/`))
    return undefined;
  const v6 = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(v6);
  if (!mapped) return v6;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function octets(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry */
function scopeOf(address: string): 'public' | 'private' | 'other' {
  const v4 = octets(address);
  if (!v4) {
    if (/^f[cd]/.test(address)) return 'private';
    return /^(::1?$|fe[89ab]|ff)/.test(address) ? 'other' : 'public';
  }
  const [a = 0, b = 0] = v4;
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return 'private';
  const shared = a === 100 && b >= 64 && b <= 127;
  return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254) || shared ? 'other' : 'public';
}
