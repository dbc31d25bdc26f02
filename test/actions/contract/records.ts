/** For each kind of record: its identifiers in the tenant of contoso.ts, and identifiers that disagree. */
import type { EntityRecordKind } from '../../../src/domain/target.js';
import { APP_ID, ARM_ID, DANA, MACHINE, OTHER_APP, SHA256 } from '../contoso.js';
import { MESSAGE } from '../contoso-mail.js';

type Query = Readonly<Record<string, unknown>>;
interface KnownRecord {
  readonly query: Query;
  /** Identifiers of two records; or why there are none. */
  readonly disagreeing: Query | { readonly none: string };
}

const ONE = { none: 'Its own text is its only identifier.' };

export const RECORDS: Readonly<Record<EntityRecordKind, KnownRecord>> = {
  'defender.machine': {
    query: { mdeId: MACHINE },
    disagreeing: { mdeId: MACHINE, fqdn: 'ws-fin-0142.branch.contoso.com' },
  },
  'defender.file': {
    query: { hashes: [{ algorithm: 'sha256', value: SHA256 }] },
    disagreeing: {
      hashes: [
        { algorithm: 'sha256', value: SHA256 },
        { algorithm: 'sha1', value: 'badf11e5'.repeat(5) },
      ],
    },
  },
  'entra.user': {
    query: { objectId: DANA },
    disagreeing: { objectId: DANA, upn: 'lee.andersen@contoso.com' },
  },
  'exchange.inbox-rule': {
    query: { objectId: DANA },
    disagreeing: { objectId: DANA, upn: 'lee.andersen@contoso.com' },
  },
  'entra.service-principal': {
    query: { appId: APP_ID },
    disagreeing: { appId: APP_ID, objectId: OTHER_APP },
  },
  'xdr.email': {
    query: { networkMessageId: MESSAGE, recipient: 'dana.ortiz@contoso.com' },
    disagreeing: { networkMessageId: MESSAGE, recipient: 'pat.doe@contoso.com' },
  },
  'sentinel.address': { query: { address: '203.0.113.77' }, disagreeing: ONE },
  'sentinel.incident': { query: { armId: ARM_ID }, disagreeing: ONE },
  'defender.incident': { query: { incidentId: '7405' }, disagreeing: ONE },
  'dns.domain': { query: { text: 'evil.fabrikam.com' }, disagreeing: ONE },
  'web.url': { query: { text: 'https://evil.fabrikam.com/a?b=c' }, disagreeing: ONE },
};
