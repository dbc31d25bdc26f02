/** The channels for decisions, as people and programs use them: each resolves when the caller has an answer. */
import { type CryptoKey, SignJWT } from 'jose';
import { DECISION_AUDIENCE, DECISION_TYPE } from '../../../src/app/service-bus/decision-token.js';
import { type Approval, ResponderApi } from '../../../src/cli/approvals-api.js';
import { CliError } from '../../../src/cli/problem.js';
import { signInToken } from '../../../src/cli/sign-in.js';
import { incident } from '../fixture.js';
import type { Life, Ready } from './life.js';
import { sendMessage } from './triggers.js';

/** Answers after which the caller should call again. */
const UNTAKEN: readonly string[] = ['not-running', 'not-available'];
const SECRET = '0'.repeat(64);

async function waiting({ url }: Ready): Promise<{ readonly api: ResponderApi; readonly approval: Approval }> {
  const api = new ResponderApi(url, signInToken(SECRET));
  const { approvals } = await api.caseFileWhen(incident.instanceId, (file) => file.approvals.length > 0);
  return { api, approval: await api.approval(approvals[0]?.id ?? '') };
}

export const channels = {
  async http({ ready }: Life) {
    const { api, approval } = await waiting(ready);
    const { request, etag } = approval;
    try {
      await api.decide(request.id, etag, { kind: 'approve', steps: request.stepIds });
    } catch (error) {
      // The decision of an earlier life was accepted: that is an answer, too.
      if (!(error instanceof CliError) || UNTAKEN.includes(error.problem.code)) throw error;
    }
  },

  async web({ ready: { url, signInLink }, ready }: Life) {
    const link = new URL(signInLink);
    const post = (path: string, fields: URLSearchParams, cookie = '') =>
      fetch(`${url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: url, cookie },
        body: fields,
      });
    const signedIn = await post(
      link.pathname,
      new URLSearchParams({ token: link.searchParams.get('token') ?? '' }),
    );
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { approval } = await waiting(ready);
    const path = `/approvals/${approval.request.id}`;
    const page = await (await fetch(`${url}${path}`, { headers: { cookie } })).text();
    const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
    const fields = new URLSearchParams({ kind: 'approve' });
    for (const name of ['form', 'revision', 'planHash']) fields.set(name, hidden(name));
    for (const step of approval.request.stepIds) fields.append('step', step);
    const answer = await post(path, fields, cookie);
    await answer.text();
    if (answer.status >= 500) throw new Error('The form was not taken.');
  },

  async teams(life: Life) {
    const clicked = life.next('clicked');
    life.say('click');
    // The response requests another try, which follows in the next life.
    if ((await clicked).status === 'not taken') throw new Error('The click was not taken.');
  },

  async 'service-bus'({ ready, key }: Life) {
    const { request } = (await waiting(ready)).approval;
    const issued = Math.floor(ready.now / 1000);
    const token = new SignJWT({
      iss: 'soar',
      aud: DECISION_AUDIENCE,
      iat: issued,
      exp: issued + 600,
      jti: 'one-decision',
      kind: 'approve',
      requestId: request.id,
      revision: request.revision,
      planHash: request.planHash,
      steps: request.stepIds,
      person: ready.personToken,
    });
    const header = { alg: 'ES256', kid: 's1', typ: DECISION_TYPE };
    await sendMessage(ready, 'decisions', await token.setProtectedHeader(header).sign(key as CryptoKey));
  },
} as const;
export type Channel = keyof typeof channels;
