/** The words for decisions, and for who makes them. */
import type { Channel, Decider, DecisionKind } from '../../domain/approval.js';

interface DecisionWords {
  /** After the name of the approver: `Kim Larsen approved`. */
  readonly did: string;
  /** The same with an object: `approved 2 steps`. */
  readonly didTo: string;
  /** `a decision to approve`. */
  readonly to: string;
}

export const DECISIONS: Readonly<Record<DecisionKind, DecisionWords>> = {
  approve: { did: 'approved', didTo: 'approved', to: 'approve' },
  reject: { did: 'rejected', didTo: 'rejected', to: 'reject' },
  extend: {
    did: 'extended the deadline',
    didTo: 'extended the deadline of',
    to: 'extend the deadline',
  },
  undo: { did: 'approved the undo', didTo: 'approved the undo of', to: 'undo' },
};

export const CHANNELS: Readonly<Record<Channel, string>> = {
  teams: 'Teams',
  web: 'web page',
  http: 'HTTP',
  cli: 'command line',
  'service-bus': 'Service Bus',
};

/** `Kim Larsen (Teams)`, `soar (automation, Service Bus)`. Hostile: escape it at the point of output. */
export function deciderName({ kind, name, channel }: Decider): string {
  return `${name} (${kind === 'automation' ? 'automation, ' : ''}${CHANNELS[channel]})`;
}
