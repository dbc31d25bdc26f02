import type { CaseFile } from '../domain/case-file.js';
import type { Involved } from '../domain/involved.js';
import { ownChangesOf } from '../domain/own-changes.js';
import { choosePlaybook } from '../playbook/index.js';
import { contentOf } from './incident-content.js';
import { readIncident } from './read-incident.js';
import { requireTenant } from './tenants.js';

/** `involved`: who the version that was read names, as far as it was read. They must not decide, whatever follows. */
export type Comparison = { readonly involved?: Involved | undefined } & (
  | /** `unknown`: its service did not return the incident, or not all of it. */ {
      readonly state: 'same' | 'changed' | 'unknown';
    }
  /** It was closed, or merged, since. `content` is its hash now. */
  | { readonly state: 'over'; readonly status: 'closed' | 'merged'; readonly content: string }
);

/** Compares an incident with the version that a run has read. What the responder has changed itself is no difference. */
export async function compareIncident(file: CaseFile): Promise<Comparison> {
  const { origin, content } = file;
  const read = await readIncident(origin, ownChangesOf(file)).catch(() => undefined);
  if (read === undefined) return { state: 'unknown' };
  const { incident, unread } = read;
  const { status, involved } = incident;
  if (unread !== undefined) return { state: 'unknown', involved };
  const { playbook } = choosePlaybook(requireTenant(origin).playbooks, incident);
  const current = contentOf(incident, playbook?.id);
  if (current === content) return { state: 'same', involved };
  if (status === 'closed' || status === 'merged')
    return { state: 'over', status, content: current, involved };
  return { state: 'changed', involved };
}
