/** Who calls, once it is proved. */

export interface Person {
  /** Object id in the directory. */
  readonly id: string;
  readonly name: string;
}

export type Caller =
  | {
      readonly kind: 'person';
      readonly person: Person;
      readonly channel: 'web' | 'http' | 'cli';
      /** False for a token that was issued for looking only. */
      readonly mayDecide: boolean;
      /** What the sign-in is recognised by; forms are bound to it. */
      readonly session: string;
    }
  /** A program in its own name: it may look, and decides nothing. */
  | { readonly kind: 'app'; readonly id: string };

/** Why a call has no caller. `unauthenticated` = nothing that proves anybody came with it. */
export interface SignInRefusal {
  readonly kind: 'unauthenticated' | 'refused';
  readonly status: 401 | 403 | 503;
  readonly code: string;
  readonly detail: string;
  readonly next: string;
}
