/** Labels of the fields that enrichments return and conditions read. */

const LABELS: Readonly<Record<string, string>> = {
  aadDeviceId: 'Entra device ID',
  address: 'IP address',
  computerDnsName: 'DNS name',
  determinationValue: 'Determination',
  displayName: 'Name',
  everAtRisk: 'Was at risk before',
  guest: 'Guest account',
  isServer: 'Server',
  known: 'Known to the service',
  lastSuccessAt: 'Last successful sign-in',
  machineTags: 'Device tags',
  rbacGroupName: 'Device group',
  signIns: 'Sign-ins',
  sessionsValidFrom: 'Sessions valid from',
  synced: 'Synchronised from on-premises',
  updatedAt: 'Updated',
};

/** Parts of names that are not ordinary words. */
const ACRONYMS: Readonly<Record<string, string>> = {
  aad: 'Entra',
  asn: 'ASN',
  cve: 'CVE',
  cves: 'CVEs',
  dns: 'DNS',
  id: 'ID',
  ids: 'IDs',
  ip: 'IP',
  ips: 'IPs',
  mfa: 'MFA',
  os: 'OS',
  rbac: 'RBAC',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  upn: 'UPN',
  url: 'URL',
};

/** `riskScore` as `Risk score`, `upn` as `UPN`. */
export function labelOf(field: string): string {
  return LABELS[field] ?? capital(wordsOf(field));
}

/** Values from a service's closed set, e.g. `atRisk`: `at risk`. Other values are unchanged. */
export function valueWords(field: string, value: string): string {
  const isCode =
    /(?:state|status|level|detail|type|value|by)$/i.test(field) && /^[a-z]+(?:[A-Z][a-z]+)+$/.test(value);
  return isCode ? wordsOf(value) : value;
}

/** `device.riskScore` as `Device risk score`, `risk.riskLevel` as `Risk level`, `entity` as `Entity`. */
export function pathLabel(path: string): string {
  const [root = '', ...rest] = path.split('.');
  const leaf = rest.at(-1);
  if (leaf === undefined) return labelOf(root);
  const [of, what] = [wordsOf(root), labelOf(leaf)];
  if (what.toLowerCase().startsWith(of.toLowerCase())) return what;
  return capital(`${of} ${isOrdinary(what) ? what.charAt(0).toLowerCase() + what.slice(1) : what}`);
}

function isOrdinary(label: string): boolean {
  return !Object.values(ACRONYMS).includes(label.split(' ')[0] ?? '');
}

function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[ _-]/)
    .map((word) => ACRONYMS[word.toLowerCase()] ?? word.toLowerCase())
    .join(' ');
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
