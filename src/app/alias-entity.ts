/** Remembers which instance handles the incident with one key. */
import type { EntityContext } from 'durable-functions';
import { type AliasAnswer, type AliasClaim, type AliasOwner, aliasClaimSchema } from '../domain/alias.js';
import type { Sealer } from '../domain/sealed.js';

/** Accepts only claims that the app sealed for this key. The first one counts, unless it is replaced by name; each answer names the owner. Never throws. */
export function aliasEntity(open: Sealer['open']): (context: EntityContext<AliasOwner>) => void {
  return (context) => {
    const { df } = context;
    const claim = claimOf(df.getInput<unknown>(), df.entityKey, open);
    if (claim === undefined) {
      context.error(`Alarm: a claim to the alias ${df.entityKey} was not sent by the app.`);
      df.return({ state: 'refused' } satisfies AliasAnswer);
      return;
    }
    const before = df.getState();
    const owner = before === undefined || before.instanceId === claim.instead ? claim.owner : before;
    df.setState(owner);
    df.return({ state: 'owned', owner } satisfies AliasAnswer);
  };
}

/** `instanceId`: who claims. A run claims for itself, or says that another instance handles its incident. */
function claimOf(raw: unknown, key: string, open: Sealer['open']): AliasClaim | undefined {
  const opened = open(raw, { purpose: 'alias', instanceId: key });
  const claim = opened.ok ? aliasClaimSchema.safeParse(opened.content) : undefined;
  return claim?.success && claim.data.alias === key ? claim.data : undefined;
}
