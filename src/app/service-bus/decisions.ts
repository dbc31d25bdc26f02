/** The Service Bus trigger for decisions from programs. Refused decisions go to a second queue, with the reason. */
import { setTimeout as pause } from 'node:timers/promises';
import { app, type InvocationContext, output } from '@azure/functions';
import * as df from 'durable-functions';
import type { Decider } from '../../domain/approval.js';
import { cleanErrorText } from '../../domain/error-text.js';
import { admit, TOO_FAST } from '../admission.js';
import { entraTokens } from '../auth/index.js';
import { clock } from '../clock.js';
import { DECISIONS_QUEUE, REJECTED_DECISIONS_QUEUE, SERVICE_BUS_CONNECTION } from '../config.js';
import { type DecisionResult, decide, ofTenant } from '../decide.js';
import { IncidentInstances } from '../incident-instances.js';
import { services } from '../services.js';
import { casesOf } from '../visible-cases.js';
import { type DecisionClaims, readDecisionToken, type TokenRefusal } from './decision-token.js';
import { rejectDecision } from './rejected-decisions.js';
import type { DecisionSender } from './senders.js';

const rejectedQueue = output.serviceBusQueue({
  queueName: REJECTED_DECISIONS_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** Real milliseconds between attempts to submit a decision. A throw would cause immediate redelivery of the message. */
const PAUSES = [250, 1_000, 3_000];

export function registerDecisionTrigger(): void {
  app.serviceBusQueue('decideFromServiceBus', {
    connection: SERVICE_BUS_CONNECTION,
    queueName: DECISIONS_QUEUE,
    cardinality: 'one',
    extraInputs: [df.input.durableClient()],
    extraOutputs: [rejectedQueue],
    handler: take,
  });
}

/** Completes the message, unless the durable extension is unavailable. */
async function take(body: unknown, context: InvocationContext): Promise<void> {
  const refusal = await refusalOf(body, context);
  if (refusal === undefined) return;
  context.warn(`A decision from the queue was refused (${refusal.code}): ${cleanErrorText(refusal.reason)}`);
  context.extraOutputs.set(
    rejectedQueue,
    rejectDecision(body, refusal, services().config.decisionSenders, context),
  );
}

async function refusalOf(body: unknown, context: InvocationContext): Promise<TokenRefusal | undefined> {
  const token = await readDecisionToken(body, services().config.decisionSenders, clock.now());
  if (!token.ok) return token;
  const { sender, claims, id } = token;
  const decider = await deciderOf(sender, claims);
  if ('code' in decider) return decider;
  const by = admit(decider);
  if (by.kind === 'too-fast') return { code: 'too-many-decisions', reason: TOO_FAST };
  const { requestId, kind, revision, planHash, steps, reason } = claims;
  const instances = new IncidentInstances(context, casesOf(sender));
  const decided = await repeated(() =>
    decide(instances, { id, requestId, kind, revision, planHash, steps, reason }, by, context),
  );
  if (decided.kind === 'unknown')
    return { code: 'unknown-request', reason: 'There is no request with this id.' };
  if (decided.kind === 'reused') return { code: 'decision-id-reused', reason: decided.message };
  if (decided.kind === 'evaluated' && !decided.outcome.accepted) {
    return { code: decided.outcome.code, reason: decided.outcome.message };
  }
  context.log(`Decision ${id} of ${sender.id} about ${requestId}: ${outcomeCode(decided)}.`);
  return undefined;
}

/** The program itself, or the person whose token the message contains. */
async function deciderOf(
  sender: DecisionSender,
  { person }: DecisionClaims,
): Promise<Decider | TokenRefusal> {
  if (person === undefined) {
    const { id, name, tenantId } = sender;
    return { kind: 'automation', ...ofTenant(tenantId), id, name, channel: 'service-bus' };
  }
  const caller = await entraTokens()?.callerOf(person);
  if (caller === undefined) {
    return {
      code: 'person-token',
      reason: 'APPROVALS_CLIENT_ID is not set, so tokens of people cannot be verified.',
    };
  }
  if (!caller.ok) return { code: 'person-token', reason: caller.detail };
  if (caller.value.kind !== 'person' || !caller.value.mayDecide) {
    return {
      code: 'person-token',
      reason: 'The token does not belong to a person with the scope Approvals.Decide.',
    };
  }
  const { id: objectId, name, tenantId } = caller.value.person;
  if (sender.tenantId !== undefined && tenantId !== sender.tenantId) {
    return { code: 'person-token', reason: 'The token belongs to a person of another tenant.' };
  }
  return {
    kind: 'person',
    ...ofTenant(tenantId),
    objectId,
    name: `${name}, by ${sender.name}`,
    channel: 'service-bus',
  };
}

async function repeated(work: () => Promise<DecisionResult>): Promise<DecisionResult> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const wait = PAUSES[attempt];
      if (wait === undefined) throw error;
      await pause(wait);
    }
  }
}

function outcomeCode(decided: DecisionResult): string {
  return decided.kind === 'evaluated' ? decided.outcome.code : decided.kind;
}
