/** Disables and enables a service principal. https://learn.microsoft.com/graph/api/serviceprincipal-update */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import { changeState } from '../../change-state.js';
import type {
  ActionContext,
  Confirmation,
  Permission,
  PrecheckResult,
  RunResult,
  UndoSkipped,
} from '../../define.js';
import { readAccountChanges } from '../accounts/account-changes.js';
import { undoChange } from '../audits/undo-change.js';
import type { AppInput } from './app-target.js';
import { readServicePrincipal } from './service-principals.js';

export const appStateOutputSchema = z.object({
  changed: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('This action changed it; false: it was so before; unknown: this action or someone else did'),
  changedAt: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .describe('Period (ISO 8601, UTC) of the change, if this action made it'),
  before: z.object({ accountEnabled: z.boolean() }).describe('State before acting'),
});
type AppStateOutput = z.infer<typeof appStateOutputSchema>;

export const appStatePermissions: readonly Permission[] = [
  { api: 'Microsoft Graph', name: 'Application.ReadWrite.All', why: 'read an app, disable and enable it' },
  { api: 'Microsoft Graph', name: 'AuditLog.Read.All', why: 'see before an undo who changed the app last' },
];

const words = (enabled: boolean): string => (enabled ? 'enabled' : 'disabled');

async function readEnabled({ servicePrincipalId }: AppInput, ctx: ActionContext): Promise<boolean> {
  const { accountEnabled } = await readServicePrincipal(servicePrincipalId, ctx);
  if (typeof accountEnabled === 'boolean') return accountEnabled;
  throw new ResponderError({
    code: 'bad-answer',
    message: 'The directory does not report whether the app is enabled.',
    fault: 'service',
    retry: 'no',
    place: 'accountEnabled',
  });
}

function send(enabled: boolean, { servicePrincipalId }: AppInput, { clients, signal }: ActionContext) {
  const where = path`/v1.0/servicePrincipals/${servicePrincipalId}`;
  return clients.graph.patch(where, { accountEnabled: enabled }, z.unknown(), { signal });
}

export function setAppEnabled(
  enabled: boolean,
  input: AppInput,
  ctx: ActionContext,
): Promise<RunResult<AppStateOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readEnabled(input, ctx),
      isInForce: (now) => now === enabled,
      words,
      send: () => send(enabled, input, ctx),
      output: (accountEnabled, changed, changedAt) => ({
        changed,
        ...(changedAt ? { changedAt } : {}),
        before: { accountEnabled },
      }),
    },
    ctx,
  );
}

export async function confirmAppEnabled(
  enabled: boolean,
  input: AppInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const now = await readEnabled(input, ctx);
  const status = `${subjectOf(input)} was read back as ${words(now)} (accountEnabled ${now}).`;
  if (now !== enabled) return { state: 'pending', status };
  return { state: 'confirmed', proof: status, evidence: { accountEnabled: String(now) } };
}

const subjectOf = ({ app, servicePrincipalId }: AppInput): string => `${app} (${servicePrincipalId})`;

/** Reverts a change to `enabled` by this incident, or by those whose outputs are in `others`. */
export function undoAppState(
  enabled: boolean,
  input: AppInput,
  output: AppStateOutput,
  ctx: ActionContext,
  others: readonly AppStateOutput[],
): Promise<RunResult<unknown> | UndoSkipped> {
  return undoChange({
    subject: subjectOf(input),
    object: 'the app',
    read: () => readEnabled(input, ctx),
    isInForce: (now) => now === enabled,
    words,
    outputs: [output, ...others],
    changes: (since) => readAccountChanges(input.servicePrincipalId, since, ctx),
    fits: ({ what }) => what !== words(!enabled),
    send: () => send(!enabled, input, ctx),
  });
}
