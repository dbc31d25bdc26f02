/** Fetches the facts that a decision is evaluated by: the current directory data of the decider and of earlier voters. */
import { type DeciderFacts, isForeign, type VoterFacts } from '../approvals/index.js';
import {
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type Decider,
} from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import type { ConflictContext } from '../orchestrator/index.js';
import { conflictOfInterestOf } from './conflict-of-interest.js';
import { Directory } from './directory.js';
import { soleTenant, type Tenant } from './tenants.js';

interface Facts {
  readonly facts: DeciderFacts;
  readonly voters: VoterFacts;
}

const UNKNOWN = { standing: 'unknown', member: 'unknown', conflictOfInterest: 'unknown' } as const;

export const NOTHING_KNOWN: Facts = {
  facts: { homeTenantId: undefined, onlyTenant: true, ...UNKNOWN },
  voters: new Map(),
};

/** Includes earlier voters again, because this decision may complete the quorum with their votes. */
export async function factsAbout(
  request: ApprovalRequest,
  { by, kind }: AnalystDecision,
  about: ConflictContext,
  tenant: Tenant,
): Promise<Facts> {
  const directory = new Directory(tenant.clients.graph);
  const counts = kind === 'approve' || kind === 'undo';
  const voters = counts ? currentVotes(request).map((vote) => vote.by) : [];
  const [facts, ...known] = await Promise.all(
    [by, ...voters].map((one) => factsOf(one, request, about, { tenant, directory })),
  );
  return {
    facts: facts ?? NOTHING_KNOWN.facts,
    voters: new Map(voters.flatMap((one, i) => (known[i] ? [[deciderKey(one), known[i]]] : []))),
  };
}

async function factsOf(
  by: Decider,
  { approvers, managersMayDecide }: ApprovalRequest,
  about: ConflictContext,
  { tenant, directory }: { readonly tenant: Tenant; readonly directory: Directory },
): Promise<DeciderFacts> {
  const whose = { homeTenantId: tenant.id, onlyTenant: soleTenant() !== undefined };
  // The directory of this tenant says nothing about people of another one, and is not asked about them.
  if (isForeign(by, whose)) return { ...whose, ...UNKNOWN };
  if (by.kind === 'automation') {
    return { ...whose, standing: 'member', member: false, conflictOfInterest: undefined };
  }
  const [standing, member, conflictOfInterest] = await Promise.all([
    directory.standingOf(by.objectId),
    directory.isMember(by.objectId, approvers.groups),
    about.submitters.some((id) => id.toLowerCase() === by.objectId.toLowerCase())
      ? ('submitted-incident' as const)
      : conflictOfInterestOf(by.objectId, about.involved, managersMayDecide, directory),
  ]);
  return { ...whose, standing, member, conflictOfInterest };
}
