/** What the contract suite needs to know about an action: one file in cases/, named like the action. */
import { existsSync, readdirSync } from 'node:fs';
import type { TenantState } from 'tenant-simulator';
import type { Enrichment, Response } from '../../../src/actions/define.js';
import { actions } from '../../../src/actions/registry.generated.js';

export interface EnrichmentCase {
  readonly kind: 'enrichment';
  /** Identifiers of a record of the tenant in contoso.ts. Default: those in records.ts. */
  readonly query?: Readonly<Record<string, unknown>>;
}
export interface ResponseCase {
  readonly kind: 'response';
  /** Identifiers of its record. Default: those in records.ts. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** What a rule of a playbook would choose. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Only of a response about the incident itself, which has no record. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Brings the tenant into a state in which the response has something to do. Default: it has. */
  readonly prepare?: (state: TenantState) => void;
  /** What the response would do, done or begun by somebody else; or why that is not taken for the effect. */
  readonly doneBySomebodyElse: ((state: TenantState) => void) | { readonly doesNotCount: string };
  /** The effect ends, or never comes: `confirm` must no longer say that it is confirmed. */
  readonly lose: (state: TenantState) => void;
}
export type ActionCase = EnrichmentCase | ResponseCase;
type CaseOf<A extends Enrichment | Response> = A extends Enrichment ? EnrichmentCase : ResponseCase;

const folder = new URL('./cases/', import.meta.url);
const files = new Map<string, ActionCase>();
for (const file of readdirSync(folder)) {
  const { default: value } = (await import(new URL(file, folder).href)) as { default: ActionCase };
  files.set(file.replace(/\.ts$/, ''), value);
}

// Here, not in a test: a run of one action by its name would skip the test, and exit with 0.
const unregistered = [...files.keys()].filter((name) => !actions.some((action) => action.name === name));
if (unregistered.length > 0) {
  throw new Error(
    `No action is registered for test/actions/contract/cases/{${unregistered.join(', ')}}.ts. Run npm run generate, or correct the name of the file.`,
  );
}

/** @throws Error that says which file to write, and what is in it. */
export function caseOf<A extends Enrichment | Response>({ name, kind }: A): CaseOf<A> {
  const found = files.get(name);
  if (found?.kind === kind && !lacks(found)) return found as CaseOf<A>;
  const example = kind === 'enrichment' ? 'defender.device' : 'defender.run-antivirus-scan';
  const what =
    kind === 'enrichment'
      ? '`query`, identifiers of a record in the tenant of test/actions/contoso.ts, unless those of records.ts are right'
      : '`lose`: a change of the tenant after which the effect is no longer there; and `doneBySomebodyElse`: the effect, by somebody else';
  const where = `test/actions/contract/cases/${name}.ts`;
  const problem = existsSync(new URL(`${name}.ts`, folder))
    ? `is not a whole case of kind '${kind}'`
    : 'is missing';
  throw new Error(
    `The contract suite cannot run ${name}: ${where} ${problem}. It exports by default ${what}; cases/${example}.ts is an example.`,
  );
}

/** Vitest does not check types. */
function lacks(given: ActionCase): boolean {
  return given.kind === 'response' && [given.lose, given.doneBySomebodyElse].includes(undefined as never);
}
