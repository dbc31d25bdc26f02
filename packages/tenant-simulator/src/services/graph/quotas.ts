/** https://learn.microsoft.com/graph/throttling-limits */
import type { Quota } from '../../quotas.js';
import { GRAPH } from './host.js';

const MESSAGE = 'Too Many Requests';
const ANY = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

export const graphQuotas: readonly Quota[] = [
  {
    family: 'graph-identity-protection',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/(identityProtection|identity\/conditionalAccess)\//i,
    limits: [{ kind: 'window', calls: 1, seconds: 1 }],
    // The one family whose 429 has no Retry-After.
    refusal: () => ({ code: 'TooManyRequests', message: MESSAGE, headers: {} }),
  },
  {
    family: 'xdr-incidents',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/security\/(incidents|alerts_v2)/i,
    limits: [
      { kind: 'window', calls: 50, seconds: 60 },
      { kind: 'window', calls: 1_500, seconds: 3_600 },
    ],
    refusal: refusal,
  },
  {
    // At least; the share of processing time that each tenant has is not simulated.
    family: 'xdr-hunting',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/security\/runHuntingQuery$/i,
    limits: [{ kind: 'window', calls: 45, seconds: 60 }],
    refusal: refusal,
  },
  {
    family: 'graph-reports',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/(auditLogs|reports)\//i,
    limits: [{ kind: 'window', calls: 5, seconds: 10 }],
    refusal: refusal,
  },
  {
    // Of one app and mailbox.
    family: 'graph-outlook',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/users\/[^/]+\/(mailFolders|mailboxSettings|messages)\b/i,
    limits: [{ kind: 'window', calls: 10_000, seconds: 600 }],
    refusal: refusal,
  },
  {
    // 3,500 resource units in 10 s for a small tenant; a call takes one to five.
    family: 'graph-directory',
    host: GRAPH.name,
    methods: ANY,
    path: /^\/v1\.0\/(users|groups|roleManagement|domains|servicePrincipals|applications|oauth2PermissionGrants)/i,
    limits: [{ kind: 'window', calls: 700, seconds: 10 }],
    refusal: refusal,
  },
];

function refusal(afterSeconds: number) {
  return { code: 'TooManyRequests', message: MESSAGE, headers: { 'Retry-After': String(afterSeconds) } };
}
