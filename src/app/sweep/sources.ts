/** Where a sweep looks: the incidents of a workspace in Sentinel, or those of a tenant in Defender. */
import { createHash } from 'node:crypto';
import { lowerCase } from '../../domain/unicode-text.js';
import { type Tenant, tenants } from '../tenants.js';
import { type Change, defenderChangeOf, sentinelChangeOf } from './accept-changes.js';
import { changedDefenderIncidents } from './changed-defender-incidents.js';
import { changedIncidents } from './changed-incidents.js';

export interface SweepSource {
  /** For logs: `the workspace /subscriptions/…`. */
  readonly name: string;
  /** The key of its watermark. */
  readonly key: string;
  /** Yields the pages of the incidents that changed at or after a time (ISO 8601, UTC). */
  readonly changesSince: (from: string) => AsyncGenerator<ChangesPage>;
}

export interface ChangesPage {
  readonly changes: readonly Change[];
  /** Number of incidents on the page. */
  readonly size: number;
  readonly isLast: boolean;
  /** Everything that changed before this time is on this page or on those before it. Undefined: the list has no such order. */
  readonly reached: string | undefined;
}

export interface TenantSources {
  readonly tenant: Tenant;
  readonly sources: readonly SweepSource[];
}

/** The sources of each tenant that has any. */
export function sweepSources(): readonly TenantSources[] {
  return tenants()
    .map((tenant) => ({ tenant, sources: sourcesOf(tenant) }))
    .filter(({ sources }) => sources.length > 0);
}

/** The workspaces come first: an incident that Defender has, too, then stays one of Sentinel. */
function sourcesOf(tenant: Tenant): readonly SweepSource[] {
  const { id, config } = tenant;
  const { workspaces, defenderIncidents } = config;
  const sentinel = workspaces.map(
    (workspace): SweepSource => ({
      name: `the workspace ${workspace.id}`,
      key: keyOf(lowerCase(workspace.id)),
      async *changesSince(from) {
        for await (const { incidents, isLast } of changedIncidents(tenant, workspace, from)) {
          const changes = incidents.flatMap((incident) => sentinelChangeOf(incident, tenant, workspace));
          yield { changes, size: incidents.length, isLast, reached: changes.at(-1)?.delivery.modifiedAt };
        }
      },
    }),
  );
  if (!defenderIncidents || id === undefined) return sentinel;
  const defender: SweepSource = {
    name: `the incidents of Defender in ${id}`,
    key: keyOf(`xdr:${id}`),
    async *changesSince(from) {
      for await (const { incidents, isLast } of changedDefenderIncidents(tenant, from)) {
        const changes = incidents.flatMap((incident) => defenderChangeOf(incident, tenant));
        yield { changes, size: incidents.length, isLast, reached: undefined };
      }
    },
  };
  return [...sentinel, defender];
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 40);
