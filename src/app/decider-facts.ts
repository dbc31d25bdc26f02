/** Fetches the facts that a decision is evaluated by: the current directory data of the decider and of earlier voters. */
import type { DeciderFacts, VoterFacts } from '../approvals/index.js';
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
import type { Tenant } from './tenants.js';

interface Facts {
  readonly facts: DeciderFacts;
  readonly voters: VoterFacts;
}

export const NOTHING_KNOWN: Facts = {
  facts: { homeTenantId: undefined, standing: 'unknown', member: 'unknown', conflictOfInterest: 'unknown' },
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
    [by, ...voters].map((one) => factsOf(one, request, about, { homeTenantId: tenant.id, directory })),
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
  { homeTenantId, directory }: { homeTenantId: string | undefined; directory: Directory },
): Promise<DeciderFacts> {
  if (by.kind === 'automation') {
    return { homeTenantId, standing: 'member', member: false, conflictOfInterest: undefined };
  }
  const [standing, member, conflictOfInterest] = await Promise.all([
    directory.standingOf(by.objectId),
    directory.isMember(by.objectId, approvers.groups),
    about.submitters.some((id) => id.toLowerCase() === by.objectId.toLowerCase())
      ? ('submitted-incident' as const)
      : conflictOfInterestOf(by.objectId, about.involved, managersMayDecide, directory),
  ]);
  return { homeTenantId, standing, member, conflictOfInterest };
}
