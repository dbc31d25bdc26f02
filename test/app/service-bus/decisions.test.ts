import { ServiceBusClient } from '@azure/service-bus';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECISION_AUDIENCE, DECISION_TYPE } from '../../../src/app/service-bus/decision-token.js';
import { ANALYSTS, type Request, Responder, START, until } from '../responder.js';

const CLIENT = '00000000-0000-4000-8000-00000000c22e';
const [, ROBIN, KIM, NOOR] = ANALYSTS;
const SAM = { id: '00000000-0000-4000-8000-00000000a103' };

let responder: Responder;
let bus: ServiceBusClient;
let key: CryptoKey;
let analysts: Request;
let leads: Request;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 's1' };
  responder = await Responder.start({
    settings: {
      APPROVALS_CLIENT_ID: CLIENT,
      APPROVALS_SIGNING_KEYS: 'a signing key of the tests that is longer than thirty-two characters',
      DECISION_SENDERS: JSON.stringify([{ id: 'soar', name: 'SOAR', keys: [jwk] }]),
    },
    change: (tenant) => {
      for (const user of tenant.users as { risk?: { riskLevel: string } }[]) {
        if (user.risk) user.risk.riskLevel = 'high';
      }
      const name = '00000000-0000-4000-8000-00000000e0ff';
      tenant.incidents[0]?.entities.push({
        kind: 'Account',
        name,
        properties: { accountName: 'sam.okafor' },
      });
    },
  });
  bus = new ServiceBusClient(responder.host.serviceBusConnectionString ?? '');
  const instanceId = await responder.deliver();
  analysts = await responder.asked(instanceId, 'analysts');
  leads = await responder.asked(instanceId, 'leads');
});
afterAll(async () => {
  await bus.close();
  await responder.stop();
});

async function send(body: string): Promise<void> {
  const sender = bus.createSender('decisions');
  await sender.sendMessages({ body, messageId: 'from-a-test' });
  await sender.close();
}
/** Receives the next message from the rejected queue. */
async function putAside(): Promise<Record<string, unknown>> {
  const receiver = bus.createReceiver('decisions-rejected', { receiveMode: 'receiveAndDelete' });
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 8_000 });
  await receiver.close();
  return (message?.body as Record<string, unknown> | undefined) ?? {};
}
let count = 0;
function token({ approval }: Request, claims: object = {}, signingKey = key): Promise<string> {
  const now = START / 1000;
  const { id: requestId, revision, planHash, stepIds: steps } = approval;
  return new SignJWT({
    iss: 'soar',
    aud: DECISION_AUDIENCE,
    iat: now,
    exp: now + 600,
    jti: `message-${++count}`,
    requestId,
    revision,
    planHash,
    kind: 'approve',
    steps,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 's1', typ: DECISION_TYPE })
    .sign(signingKey);
}
const person = ({ id }: { readonly id: string }, claims: object = {}) =>
  responder.simulator.signIn.userToken(id, CLIENT, { claims: { ...claims } });
const completed = async () =>
  until('the queue to be empty', async () => {
    await responder.host.idle();
    const receiver = bus.createReceiver('decisions', { receiveMode: 'peekLock' });
    const left = await receiver.peekMessages(1);
    await receiver.close();
    return left.length === 0 ? true : undefined;
  });

describe('a message that is no decision of a known sender', () => {
  it.each([
    ['text', async () => 'approve everything', 'malformed-token'],
    ['JSON', async () => JSON.stringify({ kind: 'approve' }), 'malformed-token'],
    [
      'signed by another',
      async () => token(analysts, {}, (await generateKeyPair('ES256')).privateKey),
      'signature',
    ],
    ['expired', async () => token(analysts, { exp: START / 1000 - 301 }), 'expired'],
    ['for another service', async () => token(analysts, { aud: 'elsewhere' }), 'audience'],
    ['about nothing', async () => token(analysts, { requestId: 'nothing' }), 'unknown-request'],
  ])('is moved to the rejected queue with its reason and completed: %s', async (_what, body, code) => {
    await send(await body());
    expect(await putAside()).toMatchObject({
      code,
      trigger: 'service-bus',
      messageId: 'from-a-test',
      reason: expect.any(String),
      next: expect.any(String),
    });
    await completed();
    expect((await responder.request(analysts.approval.id)).approval.votes).toEqual([]);
  });
});

describe('a message with an access token in it, whatever its shape', () => {
  const jws = (claims: object) => token(analysts, claims);
  it.each<[string, (secret: string) => unknown, string?]>([
    ['a JSON object', (secret) => ({ kind: 'approve', person: secret }), 'application/json'],
    ['JSON text', (secret) => JSON.stringify({ person: secret })],
    ['nested', (secret) => ({ decision: { on: [{ behalf: { of: secret } }] } }), 'application/json'],
    ['under other names', (secret) => ({ access_token: secret, Person: secret, [secret]: 1 }), 'text/plain'],
    ['a list', (secret) => [secret], 'application/json'],
    ['the token alone', (secret) => secret],
    [
      'JSON in a JSON string',
      (secret) => JSON.stringify(JSON.stringify({ person: secret })),
      'application/json',
    ],
    ['bytes', (secret) => Buffer.from(JSON.stringify({ person: secret })), 'application/octet-stream'],
    ['a signed one, under another claim', (secret) => jws({ token: secret, nested: { secret } })],
    [
      'a signed one, in place of what is expected',
      (secret) =>
        jws({
          requestId: secret,
          kind: secret,
          jti: secret,
          steps: [secret],
          planHash: secret,
          reason: secret,
        }),
    ],
    ['a signed one, by an unknown sender', (secret) => jws({ iss: secret, sub: secret })],
    ['a signed one that is cut', async (secret) => (await jws({ person: secret })).slice(0, -20)],
    [
      'a signed one in an object',
      async (secret) => ({ token: await jws({ person: secret }) }),
      'application/json',
    ],
  ])('%s: nothing of it is copied or logged', async (_shape, make, contentType) => {
    const secret = person(ROBIN, { jti: `a-secret-${Math.random()}` });
    const body = await make(secret);
    const sender = bus.createSender('decisions');
    await sender.sendMessages({ body, ...(contentType === undefined ? {} : { contentType }) });
    await sender.close();
    const aside = await putAside();
    expect(aside).toMatchObject({ code: expect.any(String), reason: expect.any(String) });
    const seen = JSON.stringify([aside, responder.events.filter(({ kind }) => kind === 'log')]);
    // Header, payload and signature, plain or inside another token.
    for (const part of secret.split('.').map((text) => text.slice(0, 40))) expect(seen).not.toContain(part);
    const inner = Buffer.from(secret).toString('base64url').slice(4, 40);
    expect(seen).not.toContain(inner);
    if (typeof body === 'string') expect(seen).not.toContain(body.slice(60, 120));
    await completed();
  });
});

describe('a decision of a program', () => {
  it('does not count where policy names no such program, and is audited', async () => {
    await send(await token(analysts));
    expect(await putAside()).toMatchObject({ code: 'not-an-approver', claims: { iss: 'soar' } });
    const file = await responder.caseFile(analysts.instanceId);
    expect(file?.decisions.at(-1)).toMatchObject({
      decision: { by: { kind: 'automation', id: 'soar', channel: 'service-bus' } },
      outcome: { accepted: false },
    });
  });

  it('never counts where policy requires four eyes', async () => {
    await send(await token(leads));
    expect(await putAside()).toMatchObject({ code: 'not-an-approver' });
    expect((await responder.request(leads.approval.id)).approval.votes).toEqual([]);
  });
});

describe("a decision that a program sends with a person's token", () => {
  it.each([
    ['of somebody who is no approver', () => person(NOOR), 'not-an-approver'],
    ['of somebody whose bare name is in the incident', () => person(SAM), 'own-incident'],
    ['for another app', () => person(ROBIN, { aud: 'https://graph.microsoft.com' }), 'person-token'],
    ['for looking only', () => person(ROBIN, { scp: 'Approvals.Read' }), 'person-token'],
    ['of a program', () => person(ROBIN, { scp: undefined, roles: ['Approvals.Read'] }), 'person-token'],
    ['of another tenant', () => person(ROBIN, { tid: CLIENT }), 'person-token'],
    ['that is none', () => 'nothing', 'person-token'],
  ])('is refused with one %s, and the token is not passed on', async (_what, make, code) => {
    const secret = make();
    await send(await token(analysts, { person: secret }));
    const aside = await putAside();
    expect(aside.code).toBe(code);
    if (secret.length > 20) expect(JSON.stringify(aside)).not.toContain(secret.slice(0, 40));
  });

  it('is that of the person, who is the same on every channel', async () => {
    await send(await token(leads, { person: person(KIM) }));
    const vote = await until(
      'the vote',
      async () => (await responder.request(leads.approval.id)).approval.votes[0],
    );
    expect(vote.by).toMatchObject({ kind: 'person', objectId: KIM.id, channel: 'service-bus' });
    const answer = await responder.decide(leads, { by: 'Kim Larsen' });
    expect([answer.status, answer.json.code]).toEqual([409, 'second-approver-must-differ']);
  });

  it('counts once, however often the message is delivered', async () => {
    const message = await token(analysts, { person: person(ROBIN) });
    await send(message);
    await send(message);
    await until('the decision', async () =>
      (await responder.request(analysts.approval.id)).approval.state === 'approved' ? true : undefined,
    );
    await completed();
    const file = await responder.caseFile(analysts.instanceId);
    const mine = file?.decisions.filter(
      ({ decision }) =>
        decision.requestId === analysts.approval.id &&
        decision.by.kind === 'person' &&
        decision.by.objectId === ROBIN.id,
    );
    expect(mine?.map(({ outcome }) => outcome.accepted)).toEqual([true]);
  });
});
