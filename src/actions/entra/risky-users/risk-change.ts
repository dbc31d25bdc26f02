/** Confirms that a user is compromised, or dismisses the user's risk. */
import { z } from 'zod';
import { path } from '../../../domain/builders/path.js';
import { changeState } from '../../change-state.js';
import type { ActionContext, Confirmation, Permission, PrecheckResult, RunResult } from '../../define.js';
import { assertNoGuest } from '../users/account-target.js';
import type { UserInput } from '../users/user-resolver.js';
import { readUser } from '../users/users.js';
import { type RiskyUser, readRisk } from './risky-user.js';

export const riskOutputSchema = z.object({
  objectId: z.string(),
  before: z
    .object({ riskLevel: z.string(), riskState: z.string() })
    .describe('Risk before acting; `none` if the user was not on the list of risky users'),
});
export type RiskOutput = z.infer<typeof riskOutputSchema>;

export const riskChangePermissions: readonly Permission[] = [
  {
    api: 'Microsoft Graph',
    name: 'IdentityRiskyUser.ReadWrite.All',
    why: 'read and change the risk of a user',
  },
  { api: 'Microsoft Graph', name: 'User.Read.All', why: 'read whether the user is a guest' },
];

type RiskState = 'compromised' | 'dismissed';
const CALLS = {
  compromised: path`/v1.0/identityProtection/riskyUsers/confirmCompromised`,
  dismissed: path`/v1.0/identityProtection/riskyUsers/dismiss`,
} as const;
/** Without any risk. A state that the documentation does not name may be one at risk. */
const WITHOUT_RISK = ['none', 'dismissed', 'remediated', 'confirmedsafe'];

/** A user without any risk needs no dismissal: a password change may have ended it. */
function isIn(state: RiskState, risk: RiskyUser | undefined): boolean {
  const now = risk?.riskState.toLowerCase();
  return state === 'compromised' ? now === 'confirmedcompromised' : WITHOUT_RISK.includes(now ?? 'none');
}

const wordsOf = (risk: RiskyUser | undefined): string =>
  risk
    ? `riskState ${risk.riskState}, riskLevel ${risk.riskLevel}, since ${risk.riskLastUpdatedDateTime ?? 'an unknown time'}`
    : 'never at risk';

export function changeRisk(
  to: RiskState,
  { objectId }: UserInput,
  ctx: ActionContext,
): Promise<RunResult<RiskOutput> | PrecheckResult> {
  return changeState(
    {
      read: () => readRisk(objectId, ctx),
      isInForce: (risk) => isIn(to, risk),
      words: wordsOf,
      check: async () => assertNoGuest(await readUser(objectId, ctx)),
      send: () =>
        ctx.clients.graph.post(CALLS[to], { userIds: [objectId] }, z.unknown(), { signal: ctx.signal }),
      output: (risk) => ({
        objectId,
        before: { riskLevel: risk?.riskLevel ?? 'none', riskState: risk?.riskState ?? 'none' },
      }),
    },
    ctx,
  );
}

export async function confirmRisk(
  to: RiskState,
  { objectId, upn }: UserInput,
  ctx: ActionContext,
): Promise<Confirmation> {
  const risk = await readRisk(objectId, ctx);
  const status = `The risk of ${upn} (${objectId}) was read back: ${wordsOf(risk)}.`;
  if (!isIn(to, risk)) return { state: 'pending', status };
  const evidence = { riskState: risk?.riskState ?? 'none', riskLevel: risk?.riskLevel ?? 'none' };
  return { state: 'confirmed', proof: status, evidence };
}
