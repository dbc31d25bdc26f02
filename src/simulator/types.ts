import type { SimulatedSignIn } from './services/entra-keys.js';
import type { SimulatedTeams } from './teams/service.js';

/** The simulated tenant's public contract. It knows nothing of the responder. */
export interface SimulatorOptions {
  /** The tenant's first state; see docs/simulated-tenant.md for the form. Ignored where the state directory already holds one. */
  readonly tenant: unknown;
  /** Where the state is kept; undefined = in memory. */
  readonly stateDirectory?: string;
  /** 0 picks a free port. */
  readonly port?: number;
  readonly clock: { now(): number };
  readonly faults?: readonly Fault[];
}
/** Changes how matching calls are answered; consumed `times` times, then gone. */
export interface Fault {
  readonly host: string;
  readonly method?: string;
  /** Tested against the path without the query. */
  readonly path: RegExp;
  readonly times: number;
  /** Matching calls that are answered as ever before the first one that is not. */
  readonly skip?: number;
  readonly answer:
    | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
    | { readonly kind: 'reset'; readonly after: 'nothing' | 'effect' }
    | { readonly kind: 'hang' }
    | { readonly kind: 'garbage' }
    /** A list holds only its first item, and says that there is more. */
    | { readonly kind: 'part' }
    /** The effect happens, and the connection breaks in the middle of the answer. */
    | { readonly kind: 'half' };
}
export interface SeenCall {
  readonly at: number;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}
export interface Simulator {
  /** `http://127.0.0.1:{port}`; the transport sends each mapped host here, its name in the Host header. */
  readonly url: string;
  /** Real host names that it answers for. */
  readonly hosts: readonly string[];
  /** Every call since the start, in order. */
  calls(): readonly SeenCall[];
  /** Calls that it had no answer for: a run with any of them has failed. */
  unknownCalls(): readonly SeenCall[];
  addFault(fault: Fault): void;
  /** Teams as it speaks to the bot. */
  readonly teams: SimulatedTeams;
  /** Sign-in of people to the tenant's own apps. */
  readonly signIn: SimulatedSignIn;
  /** A deep copy of the present state, for assertions. */
  state(): unknown;
  /** Changes the state as somebody else in the tenant would (an analyst closes the incident, a device is released). */
  update(change: (state: never) => void): void;
  stop(): Promise<void>;
}
