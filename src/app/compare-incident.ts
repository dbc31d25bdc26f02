import type { CaseFile } from '../domain/case-file.js';
import { choosePlaybook } from '../playbook/index.js';
import { contentOf } from './incident-content.js';
import { readIncident } from './read-incident.js';
import { requireTenant } from './tenants.js';

/** `unknown`: its service did not return the incident, or not all of it. */
export type Comparison =
  | { readonly state: 'same' | 'changed' | 'unknown' }
  /** It was closed, or merged, since. `content` is its hash now. */
  | { readonly state: 'over'; readonly status: 'closed' | 'merged'; readonly content: string };

/** Compares an incident with the version that a run has read. */
export async function compareIncident({ origin, content }: CaseFile): Promise<Comparison> {
  const read = await readIncident(origin).catch(() => undefined);
  if (read === undefined || read.unread !== undefined) return { state: 'unknown' };
  const { incident } = read;
  const { playbook } = choosePlaybook(requireTenant(origin).playbooks, incident);
  const current = contentOf(incident, playbook?.id);
  if (current === content) return { state: 'same' };
  const { status } = incident;
  if (status === 'closed' || status === 'merged') return { state: 'over', status, content: current };
  return { state: 'changed' };
}
