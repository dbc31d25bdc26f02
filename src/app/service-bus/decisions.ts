/** The queue through which programs decide, and where what was refused goes with its reason. */
import { setTimeout as pause } from 'node:timers/promises';
import { app, type InvocationContext, output } from '@azure/functions';
import * as df from 'durable-functions';
import type { Decider } from '../../domain/approval.js';
import { cleanErrorText } from '../../domain/error-text.js';
import { admit, TOO_FAST } from '../admission.js';
import { clock } from '../clock.js';
import { composition } from '../composition.js';
import { DECISIONS_QUEUE, REJECTED_DECISIONS_QUEUE, SERVICE_BUS_CONNECTION } from '../config.js';
import { type Decided, decide } from '../decide.js';
import { Instances } from '../durable-client.js';
import { entraTokens } from '../sign-in/index.js';
import { type DecisionClaims, readDecisionToken, type TokenRefusal } from './decision-token.js';
import { putAside } from './put-aside.js';
import type { DecisionSender } from './senders.js';

const rejectedQueue = output.serviceBusQueue({
  queueName: REJECTED_DECISIONS_QUEUE,
  connection: SERVICE_BUS_CONNECTION,
});

/** Real milliseconds between the tries to hand a decision over: a throw would have the message redelivered at once. */
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

/** Completes the message in every case but one: the host could not be asked. */
async function take(body: unknown, context: InvocationContext): Promise<void> {
  const refusal = await refusalOf(body, context);
  if (refusal === undefined) return;
  context.warn(`A decision by message was refused (${refusal.code}): ${cleanErrorText(refusal.reason)}`);
  context.extraOutputs.set(
    rejectedQueue,
    putAside(body, refusal, composition().config.decisionSenders, context),
  );
}

async function refusalOf(body: unknown, context: InvocationContext): Promise<TokenRefusal | undefined> {
  const token = await readDecisionToken(body, composition().config.decisionSenders, clock.now());
  if (!token.ok) return token;
  const { sender, claims, id } = token;
  const decider = await deciderOf(sender, claims);
  if ('code' in decider) return decider;
  const by = admit(decider);
  if (by.kind === 'too-fast') return { code: 'too-many-decisions', reason: TOO_FAST };
  const { requestId, kind, revision, planHash, steps, reason } = claims;
  const instances = new Instances(context);
  const decided = await repeated(() =>
    decide(instances, { id, requestId, kind, revision, planHash, steps, reason }, by, context),
  );
  if (decided.kind === 'unknown')
    return { code: 'unknown-request', reason: 'Nothing was asked for under this id.' };
  if (decided.kind === 'reused') return { code: 'decision-id-reused', reason: decided.message };
  if (decided.kind === 'judged' && !decided.verdict.accepted) {
    return { code: decided.verdict.code, reason: decided.verdict.message };
  }
  context.log(`Decision ${id} of ${sender.id} about ${requestId}: ${wordOf(decided)}.`);
  return undefined;
}

/** The program itself, unless it sends the token of a person who may decide. */
async function deciderOf(
  sender: DecisionSender,
  { person }: DecisionClaims,
): Promise<Decider | TokenRefusal> {
  if (person === undefined) {
    return { kind: 'automation', id: sender.id, name: sender.name, channel: 'service-bus' };
  }
  const caller = await entraTokens()?.callerOf(person);
  if (caller === undefined) {
    return { code: 'person-token', reason: 'No app registration is named that a person could sign in to.' };
  }
  if (!caller.ok) return { code: 'person-token', reason: caller.detail };
  if (caller.value.kind !== 'person' || !caller.value.mayDecide) {
    return { code: 'person-token', reason: 'The token in it is not of a person who may decide.' };
  }
  const { id: objectId, name } = caller.value.person;
  return { kind: 'person', objectId, name: `${name}, by ${sender.name}`, channel: 'service-bus' };
}

async function repeated(work: () => Promise<Decided>): Promise<Decided> {
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

function wordOf(decided: Decided): string {
  return decided.kind === 'judged' ? decided.verdict.code : decided.kind;
}
