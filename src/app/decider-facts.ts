/** What a decision is judged by: who decides, and who has decided before, as the directory knows them now. */
import type { DeciderFacts, VoterFacts } from '../approvals/index.js';
import {
  type AnalystDecision,
  type ApprovalRequest,
  currentVotes,
  type Decider,
} from '../domain/approval.js';
import { deciderKey } from '../domain/same-decision.js';
import type { ApprovalSubject } from '../orchestrator/index.js';
import { composition } from './composition.js';
import type { Directory } from './directory.js';
import { involvementOf } from './involvement.js';

interface Facts {
  readonly facts: DeciderFacts;
  readonly voters: VoterFacts;
}

export const NOTHING_KNOWN: Facts = {
  facts: { homeTenantId: undefined, standing: 'unknown', member: 'unknown', involvement: 'unknown' },
  voters: new Map(),
};

/** Those who voted before are asked about again: with this decision their votes may be what is acted on. */
export async function factsAbout(
  request: ApprovalRequest,
  { by, kind }: AnalystDecision,
  about: ApprovalSubject,
  directory: Directory,
): Promise<Facts> {
  const counts = kind === 'approve' || kind === 'undo';
  const voters = counts ? currentVotes(request).map((vote) => vote.by) : [];
  const [facts, ...known] = await Promise.all(
    [by, ...voters].map((one) => factsOf(one, request, about, directory)),
  );
  return {
    facts: facts ?? NOTHING_KNOWN.facts,
    voters: new Map(voters.flatMap((one, i) => (known[i] ? [[deciderKey(one), known[i]]] : []))),
  };
}

async function factsOf(
  by: Decider,
  { approvers, managersMayDecide }: ApprovalRequest,
  about: ApprovalSubject,
  directory: Directory,
): Promise<DeciderFacts> {
  const homeTenantId = composition().config.tenantId?.toLowerCase();
  if (by.kind === 'automation') {
    return { homeTenantId, standing: 'member', member: false, involvement: undefined };
  }
  const [standing, member, involvement] = await Promise.all([
    directory.standingOf(by.objectId),
    directory.isMember(by.objectId, approvers.groups),
    about.startedBy?.toLowerCase() === by.objectId.toLowerCase()
      ? ('started-it' as const)
      : involvementOf(by.objectId, about.involved, managersMayDecide, directory),
  ]);
  return { homeTenantId, standing, member, involvement };
}
