import type { SimulatedSignIn } from './services/sign-in/user-tokens.js';
import type { SimulatedTeams } from './services/teams/service.js';

/** The simulated tenant's public contract. It knows nothing of the responder. */
export interface SimulatorOptions {
  /** The tenant's first state; see docs/simulated-tenant.md for the format. Ignored if the state directory already holds a state. */
  readonly tenant: unknown;
  /** Folder of the state; undefined: in memory. */
  readonly stateDirectory?: string;
  /** 0 picks a free port. */
  readonly port?: number;
  readonly clock: { now(): number };
  readonly faults?: readonly Fault[];
}
/** Changes the response of matching calls, `times` times. */
export interface Fault {
  readonly host: string;
  readonly method?: string;
  /** Tested against the path without the query. */
  readonly path: RegExp;
  readonly times: number;
  /** Number of matching calls that are answered normally before the first faulty one. */
  readonly skip?: number;
  readonly answer:
    | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
    | { readonly kind: 'reset'; readonly after: 'nothing' | 'effect' }
    | { readonly kind: 'hang' }
    | { readonly kind: 'garbage' }
    /** A list contains only its first item, with a link to more. */
    | { readonly kind: 'part' }
    /** The effect happens, and the connection breaks in the middle of the answer. */
    | { readonly kind: 'half' }
    /** Answered as if it were carried out, and nothing changes. */
    | { readonly kind: 'ignored' };
}
export interface LoggedCall {
  readonly at: number;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}
/** The calls of a throttling family since the start. */
export interface QuotaUse {
  readonly family: string;
  readonly calls: number;
  /** Answered with 429. */
  readonly throttled: number;
  /** Of those: the caller knew the quota, or had been asked to wait. */
  readonly avoidable: number;
}
export interface Simulator {
  /** `http://127.0.0.1:{port}`; the transport sends each mapped host here, its name in the Host header. */
  readonly url: string;
  /** Real host names that it simulates. */
  readonly hosts: readonly string[];
  /** Every call since the start, in order. */
  calls(): readonly LoggedCall[];
  /** Calls without a simulated response: a run with any of them has failed. */
  unknownCalls(): readonly LoggedCall[];
  /** The calls of each throttling family. */
  quotaUse(): readonly QuotaUse[];
  /** From now on, calls above the quotas of the real services get 429. Before, they are only counted. */
  enforceQuotas(): void;
  addFault(fault: Fault): void;
  /** Teams' side of the bot. */
  readonly teams: SimulatedTeams;
  /** Sign-in of users to the tenant's own apps. */
  readonly signIn: SimulatedSignIn;
  /** A deep copy of the current state, for assertions. */
  state(): unknown;
  /** Changes the state as someone else in the tenant would (an analyst closes the incident, a device is released). */
  update(change: (state: never) => void): void;
  stop(): Promise<void>;
}
