/** https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list: the page of each call has its limits. */
import type { Quota } from '../../quotas.js';
import { DEFENDER } from './host.js';

const PER_MINUTE = { kind: 'window', calls: 100, seconds: 60 } as const;
const PER_HOUR = { kind: 'window', calls: 1_500, seconds: 3_600 } as const;

const quota = (family: string, methods: readonly string[], path: RegExp, limits: Quota['limits']): Quota => ({
  family,
  host: DEFENDER.name,
  methods,
  path,
  limits,
  refusal: (afterSeconds) => ({
    code: 'TooManyRequests',
    message: `API calls quota exceeded. Try again in ${afterSeconds} seconds.`,
    headers: { 'Retry-After': String(afterSeconds) },
  }),
});

/** The first one that matches a call is its family. */
export const defenderQuotas: readonly Quota[] = [
  quota('defender-investigations', ['POST'], /^\/api\/machines\/[^/]+\/startInvestigation$/i, [
    { kind: 'window', calls: 50, seconds: 3_600 },
  ]),
  quota('defender-vulnerabilities', ['GET'], /^\/api\/machines\/[^/]+\/vulnerabilities$/i, [
    { kind: 'window', calls: 50, seconds: 60 },
    PER_HOUR,
  ]),
  quota(
    'defender-machine-actions',
    ['GET', 'POST'],
    /^\/api\/(machineactions|machines\/[^/]+\/(?!tags$|logonusers$|getmissingkbs$))/i,
    [PER_MINUTE, PER_HOUR],
  ),
  quota('defender-machines', ['GET', 'POST'], /^\/api\/machines/i, [PER_MINUTE, PER_HOUR]),
  quota('defender-addresses', ['GET'], /^\/api\/ips\//i, [PER_MINUTE, PER_HOUR]),
  quota('defender-domains', ['GET'], /^\/api\/domains\//i, [PER_MINUTE, PER_HOUR]),
  quota('defender-files', ['GET'], /^\/api\/files\//i, [PER_MINUTE, PER_HOUR]),
  quota('defender-indicators', ['GET', 'POST', 'DELETE'], /^\/api\/indicators/i, [PER_MINUTE, PER_HOUR]),
];
