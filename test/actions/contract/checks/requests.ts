/** The one request: what a dry run shows of it, what the service makes of it twice, and what is written down about it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Enrichment, Response } from '../../../../src/actions/define.js';
import { runEnrichment } from '../../../../src/actions/run.js';
import { apis } from '../../../../src/actions/services.js';
import {
  type ConnectorConfig,
  createClients,
  createDryRunClients,
  type WouldSend,
} from '../../../../src/connectors/index.js';
import { type Contoso, TENANT, withContoso } from '../../contoso.js';
import { type Approved, act, actNow, inTenant, queryOf, readBack, SETTLED_SECONDS } from '../act.js';
import type { EnrichmentCheck, ResponseCheck } from './check.js';
import { writeOf } from './faulty-write.js';
import { sendAgain } from './raw-request.js';

const SECRET = 'made-up-secret';
/** A secret, or a token. */
const SECRETS = /made-up-secret|Bearer |eyJ/;

const configOf = ({ state, simulator }: Contoso): ConnectorConfig => ({
  tenantId: TENANT,
  clientId: state().app.clientId,
  clientSecret: SECRET,
  simulatedTenantUrl: simulator.url,
});

/** The requests that it would send, in a tenant that stays as it is. */
async function dryRun(action: Response, approved: Approved, contoso: Contoso): Promise<readonly WouldSend[]> {
  const parts = { clock: contoso.clock, sleep: () => Promise.resolve() };
  const { clients, requests } = createDryRunClients(apis, configOf(contoso), parts);
  expect(await act(action, approved, contoso, { clients })).toMatchObject({
    ok: false,
    error: { code: 'dry-run' },
  });
  return requests;
}

const dry: ResponseCheck = {
  name: 'dry run',
  promise: 'a dry run writes nothing, and returns the request that it would send',
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const before = JSON.stringify(contoso.state());
      const requests = await dryRun(action, approved, contoso);
      expect(contoso.writes()).toEqual([]);
      expect(JSON.stringify(contoso.state())).toBe(before);
      await actNow(action, approved, contoso);
      expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual(
        contoso.writes(),
      );
    }),
};

/** Versions and times of writing, and records of who wrote: they change also where nothing else does. */
const TRACES = [
  'etag',
  'lastModifiedTimeUtc',
  'lastUpdateTime',
  'lastUpdateDateTime',
  'lastUpdatedBy',
  'riskLastUpdatedDateTime',
  'directoryAudits',
];

/** The tenant after its effects have come, without what says only that somebody wrote. */
function effects(contoso: Contoso): string {
  return JSON.stringify(contoso.state(), (key, value: unknown) => (TRACES.includes(key) ? undefined : value));
}

const twice: ResponseCheck = {
  name: 'sent twice',
  promise: 'the same request, sent twice, has the effect of one, or of two, as it declares with `idempotent`',
  run: (action, given) =>
    inTenant(action, given, async (contoso, approved) => {
      const [request] = await dryRun(action, approved, contoso);
      if (request === undefined) throw new Error(`${action.name} sends no write.`);
      const { output } = await actNow(action, approved, contoso);
      const settle = async () => {
        contoso.clock.advance(SETTLED_SECONDS);
        // The simulated tenant moves on when it is called.
        await readBack(action, approved, output, contoso);
      };
      await settle();
      const once = effects(contoso);
      await sendAgain(request, contoso);
      await settle();
      const hasNoEffect = effects(contoso) === once;
      expect(hasNoEffect, `It declares \`idempotent: ${action.idempotent}\`.`).toBe(action.idempotent);
    }),
};

/** Runs with clients that record, and with a service that refuses; all that is written down holds no secret. */
async function recorded(
  action: Enrichment | Response,
  run: (contoso: Contoso, clients: ReturnType<typeof createClients<typeof apis>>) => Promise<unknown>,
  contoso: Contoso,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'contract-'));
  try {
    const recordExchangesTo = join(directory, 'exchanges.har');
    const config = { ...configOf(contoso), recordExchangesTo };
    const clients = createClients(apis, config, { clock: contoso.clock, sleep: () => Promise.resolve() });
    const results = [await run(contoso, clients)];
    for (const host of new Set(contoso.simulator.calls().map((one) => one.host)))
      contoso.simulator.addFault({ host, path: /./, times: 9, answer: { kind: 'status', status: 403 } });
    results.push(await run(contoso, clients));
    const recording = readFileSync(recordExchangesTo, 'utf8');
    expect(recording).toContain('"request"');
    expect(`${action.name} ${JSON.stringify(results)} ${recording}`).not.toMatch(SECRETS);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
const NO_SECRET = 'no secret and no token is in results, errors and recordings';

const secrets: ResponseCheck = {
  name: 'secrets',
  promise: NO_SECRET,
  async run(action, given) {
    await writeOf(action, given);
    await inTenant(action, given, (contoso, approved) =>
      recorded(action, (_contoso, clients) => act(action, approved, contoso, { clients }), contoso),
    );
  },
};

export const enrichmentSecrets: EnrichmentCheck = {
  name: 'secrets',
  promise: NO_SECRET,
  run: (action, given) =>
    withContoso([], (contoso) =>
      recorded(
        action,
        (_contoso, clients) =>
          runEnrichment(action, queryOf(action, given), contoso.context(action.name, 'target', { clients })),
        contoso,
      ),
    ),
};

export const requestChecks: readonly ResponseCheck[] = [dry, twice, secrets];
