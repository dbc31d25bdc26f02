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

/**
 * IPv4 as dotted decimals, IPv6 compressed and in lower case, IPv4-mapped IPv6 as IPv4. Products add a port, a zone, or
 * the prefix length of a single address, and people write `203[.]0.113.7`: these are cut off. Undefined: not an address, or a
 * network of several.
 */
export function canonicalAddress(text: string): string | undefined {
  const plain = text.replace(/\[([.:])\]/g, '$1');
  const [bare = '', prefix] = withoutZone(withoutPort(plain)).split('/');
  const address = v4Of(bare) ?? v6Of(bare);
  if (address === undefined || prefix === undefined) return address;
  // `::ffff:203.0.113.7/128` is one address, too.
  const whole = bare.includes(':') ? '128' : '32';
  return prefix === whole ? address : undefined;
}

/** The address in group 1, the port in group 2, in forms that are no address themselves. */
const WITH_PORT = [
  // `203.0.113.7:443`, `203.0.113.7%12:443`, `203.0.113.7-443`, `203.0.113.7#53`
  /^(\d{1,4}(?:\.\d{1,4}){3}(?:%[\w.]+)?)[:#-](\d{1,5})$/,
  // `203.0.113.7.443`
  /^(\d{1,4}(?:\.\d{1,4}){3})\.(\d{1,5})$/,
  // `::ffff:203.0.113.7:443`
  /^(::ffff:\d{1,4}(?:\.\d{1,4}){3})[:#-](\d{1,5})$/i,
  // `2001:db8::1-443`, `2001:db8::1#53`, `2001:db8::1.443`
  /^([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})[#.-](\d{1,5})$/i,
  // `fe80::1%eth0:443`
  /^([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}%[\w.-]+):(\d{1,5})$/i,
];

/** `[2001:db8::1]:443`, `203.0.113.7:443`, and others; a colon may also be part of an IPv6 address. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?(\/\d{1,3})?$/.exec(text);
  if (bracketed) return `${bracketed[1] ?? ''}${bracketed[2] ?? ''}`;
  for (const form of WITH_PORT) {
    const [, address, port] = form.exec(text) ?? [];
    if (address !== undefined && Number(port) <= 65_535) return address;
  }
  return text;
}

/** `203.0.113.7%12`, `fe80::1%eth0`, `fe80::1%eth0/128`. */
const withoutZone = (text: string): string => text.replace(/%[\w.-]+(?=\/|$)/, '');

/**
 * Leading zeros are decimal here, because logs write `203.000.113.077` to align columns, and no product of Microsoft
 * writes octal numbers. Some programs read them as octal: what is looked up may then be another address, which is shown.
 */
function v4Of(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^0{0,3}\d{1,3}$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? numbers.join('.') : undefined;
}

function v6Of(text: string): string | undefined {
  if (!text.includes(':') || !/^[0-9a-f:.]{2,45}$/i.test(text) || !URL.canParse(`http://[${text}]/`)) {
    return undefined;
  }
  const v6 = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(v6);
  if (!mapped) return v6;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry */
function scopeOf(address: string): 'public' | 'private' | 'other' {
  if (address.includes(':')) {
    if (/^f[cd]/.test(address)) return 'private';
    return /^(::1?$|fe[89ab]|ff)/.test(address) ? 'other' : 'public';
  }
  const [a = 0, b = 0] = address.split('.').map(Number);
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return 'private';
  const shared = a === 100 && b >= 64 && b <= 127;
  return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254) || shared ? 'other' : 'public';
}
