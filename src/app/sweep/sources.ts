/** Where a sweep looks: the incidents of a workspace in Sentinel, or those of the tenant in Defender. */
import { createHash } from 'node:crypto';
import { lowerCase } from '../../domain/unicode-text.js';
import { services } from '../services.js';
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

/** The workspaces come first: an incident that Defender has, too, then stays one of Sentinel. */
export function sweepSources(): readonly SweepSource[] {
  const { workspaces, defenderIncidents, tenantId } = services().config;
  const sentinel = workspaces.map(
    (workspace): SweepSource => ({
      name: `the workspace ${workspace.id}`,
      key: keyOf(lowerCase(workspace.id)),
      async *changesSince(from) {
        for await (const { incidents, isLast } of changedIncidents(workspace, from)) {
          const changes = incidents.flatMap((incident) => sentinelChangeOf(incident, workspace));
          yield { changes, size: incidents.length, isLast, reached: changes.at(-1)?.delivery.modifiedAt };
        }
      },
    }),
  );
  if (!defenderIncidents || tenantId === undefined) return sentinel;
  const defender: SweepSource = {
    name: 'the incidents of Defender',
    key: keyOf(`xdr:${lowerCase(tenantId)}`),
    async *changesSince(from) {
      for await (const { incidents, isLast } of changedDefenderIncidents(from)) {
        const changes = incidents.flatMap(defenderChangeOf);
        yield { changes, size: incidents.length, isLast, reached: undefined };
      }
    },
  };
  return [...sentinel, defender];
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 40);
