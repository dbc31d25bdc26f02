import type { Person } from '../auth/index.js';
import type { PersonCaller } from '../http/guard.js';

/** The person who looks at a page. */
export interface Viewer {
  readonly caller: PersonCaller;
  /** The analysts that a person on a local machine can act as; empty with a real sign-in. */
  readonly analysts: readonly Person[];
  /** The sign-out address; undefined for a local session. */
  readonly signOut: string | undefined;
  readonly simulated: boolean;
  /** Name of the viewer's tenant; undefined: there is only one. */
  readonly tenant: string | undefined;
}
