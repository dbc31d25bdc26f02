/** Why a run ended without reaching an end that is final for the version of the incident that it read. */
import { z } from 'zod';

/**
 * `gone`: its service did not return the incident. `unreadable`: reading it failed for too long, or for good.
 * `no-entities`: the incident had none. `no-permission`: a permission of the responder is missing. `not-decided`: the
 * playbook or its configuration gave no decision. `unknown-values`: a value that a condition or a target needs is
 * unknown. `not-handed-over`: the incident was merged, and its target did not take over. `step-unproved`: a response failed,
 * or its effect could not be proved. `failed`: an error of the responder. `left-out`: a retry of some steps has left out others.
 */
export const unfinishedSchema = z.enum([
  'gone',
  'unreadable',
  'no-entities',
  'no-permission',
  'not-decided',
  'unknown-values',
  'not-handed-over',
  'step-unproved',
  'failed',
  'left-out',
]);
export type Unfinished = z.infer<typeof unfinishedSchema>;
