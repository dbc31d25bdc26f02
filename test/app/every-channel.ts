/** A responder with all channels, and one method to decide through each of them. */
import { ServiceBusClient } from '@azure/service-bus';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { DECISION_AUDIENCE, DECISION_TYPE } from '../../src/app/service-bus/decision-token.js';
import {
  ANALYSTS,
  type Analyst,
  type Request,
  type Responder,
  type ResponderOptions,
  until,
} from './responder.js';
import { TeamsResponder } from './teams/teams.js';

export const CHANNELS = ['page', 'http', 'cli', 'teams', 'service-bus'] as const;
export type Channel = (typeof CHANNELS)[number];
const CLIENT = '00000000-0000-4000-8000-00000000c22e';

export interface ChannelDecision {
  readonly by: Analyst;
  readonly kind?: 'approve' | 'reject' | 'extend' | 'undo';
  readonly steps?: readonly string[];
  readonly reason?: string;
  /** Identifies repetitions: a form, an idempotency key, an activity or a jti. New by default. */
  readonly id?: string;
}
/** The answer of the channel, directly or in the queue of rejected decisions. */
export interface ChannelAnswer {
  readonly counted: boolean;
  readonly text: string;
}

/** Texts in Teams cards and messages that mean a refusal. */
const NOT_COUNTED =
  /Decision refused|not evaluated|could not process this|Wait a minute|No decision is accepted|not issued by this responder/;
const PENDING = /being evaluated|"status":\s*"pending"/;

let ids = 0;

export class EveryChannel {
  readonly #sessions = new Map<string, Promise<string>>();
  #signedIn: Promise<string> | undefined;
  readonly #forms = new Map<string, Promise<URLSearchParams>>();

  private constructor(
    readonly teams: TeamsResponder,
    private bus: ServiceBusClient,
    private readonly key: CryptoKey,
  ) {}

  static async start(options: ResponderOptions = {}): Promise<EveryChannel> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 's1' };
    const teams = await TeamsResponder.start({
      ...options,
      settings: {
        APPROVALS_CLIENT_ID: CLIENT,
        APPROVALS_SIGNING_KEYS: 'a signing key of the tests that is longer than thirty-two characters',
        DECISION_SENDERS: JSON.stringify([{ id: 'soar', name: 'SOAR', keys: [jwk] }]),
        ...options.settings,
      },
    });
    return new EveryChannel(teams, busOf(teams.responder), privateKey);
  }

  async restart(meanwhile: () => void): Promise<void> {
    await this.bus.close();
    await this.responder.restart(meanwhile);
    this.bus = busOf(this.responder);
  }

  get responder(): Responder {
    return this.teams.responder;
  }

  async stop(): Promise<void> {
    await this.bus.close();
    await this.teams.stop();
  }

  async decide(channel: Channel, request: Request, decision: ChannelDecision): Promise<ChannelAnswer> {
    const decisions = async () => (await this.responder.caseFile(request.instanceId))?.decisions ?? [];
    const before = (await decisions()).length;
    const answer = await this.#submit(channel, request, decision);
    if (!PENDING.test(answer.text)) return answer;
    // On a busy machine a channel answers before the decision is evaluated.
    const { outcome } = await until('the outcome', async () => (await decisions())[before]);
    return { counted: outcome.accepted, text: `${outcome.code}: ${outcome.message}` };
  }

  #submit(channel: Channel, request: Request, decision: ChannelDecision): Promise<ChannelAnswer> {
    switch (channel) {
      case 'page':
        return this.#onPage(request, decision);
      case 'http':
        return this.#overHttp(request, decision, this.#tokenOf(decision.by));
      case 'cli':
        return this.#overHttp(request, decision);
      case 'teams':
        return this.#inTeams(request, decision);
      case 'service-bus':
        return this.#byMessage(request, decision);
    }
  }

  /** Opens a request on the page and stores its form under the id. */
  async open({ approval }: Request, by: Analyst, id: string): Promise<void> {
    const form = this.#formOf(`/approvals/${approval.id}`, await this.#session(by));
    this.#forms.set(id, form);
    await form;
  }

  /** The text of a page for an analyst. */
  async look(by: Analyst, path: string): Promise<string> {
    return (await this.responder.fetch(path, { headers: { cookie: await this.#session(by) } })).text;
  }

  async #overHttp(request: Request, decision: ChannelDecision, token?: string): Promise<ChannelAnswer> {
    const { kind = 'approve', steps = request.approval.stepIds, reason, by, id = `key-${++ids}` } = decision;
    const channel = kind === 'approve' || kind === 'reject' ? 'decisions' : kind;
    const body = {
      ...(channel === 'decisions' ? { kind } : {}),
      ...(kind === 'approve' || kind === 'undo' ? { steps } : {}),
      ...(reason === undefined ? {} : { reason }),
    };
    const { status, text } = await this.responder.call(
      'POST',
      `/api/approvals/${request.approval.id}/${channel}`,
      body,
      {
        by,
        headers: {
          'if-match': request.etag,
          'idempotency-key': id,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
    );
    return { counted: status < 300, text };
  }

  async #onPage({ approval }: Request, decision: ChannelDecision): Promise<ChannelAnswer> {
    const { kind = 'approve', steps = approval.stepIds, reason = '', by, id = `form-${++ids}` } = decision;
    const path = `/approvals/${approval.id}`;
    const cookie = await this.#session(by);
    const form = this.#forms.get(id) ?? this.#formOf(path, cookie);
    this.#forms.set(id, form);
    const fields = new URLSearchParams([...(await form), ['kind', kind], ['reason', reason]]);
    for (const step of steps) fields.append('step', step);
    const answer = await this.#form(path, fields, cookie);
    const then = answer.headers.get('location');
    const text =
      then === null ? answer.text : (await this.responder.fetch(then, { headers: { cookie } })).text;
    return { counted: answer.status === 303, text };
  }

  async #formOf(path: string, cookie: string): Promise<URLSearchParams> {
    const { text } = await this.responder.fetch(path, { headers: { cookie } });
    const found = [...text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    // The forms of a page have the same hidden fields; a browser sends the fields of one form.
    const shared = new Map(found.map(([, name = '', value = '']): [string, string] => [name, value]));
    return new URLSearchParams([...shared]);
  }

  /** The link works once. After that, the session can switch to another analyst. */
  #session(by: Analyst): Promise<string> {
    const analyst = ANALYSTS.find(({ name }) => name === by)?.id ?? '';
    const known = this.#sessions.get(by);
    if (known !== undefined) return known;
    this.#signedIn ??= this.#opened('/sign-in', { token: this.responder.linkToken, analyst });
    const session = this.#signedIn.then((cookie) => this.#opened('/sign-in/analyst', { analyst }, cookie));
    this.#sessions.set(by, session);
    return session;
  }

  async #opened(path: string, fields: Readonly<Record<string, string>>, cookie?: string): Promise<string> {
    const { headers } = await this.#form(path, new URLSearchParams(fields), cookie);
    return headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  #form(path: string, fields: URLSearchParams, cookie = '') {
    const { url } = this.responder.host;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: url, cookie };
    return this.responder.fetch(path, { method: 'POST', headers, body: fields.toString() });
  }

  async #inTeams({ approval }: Request, decision: ChannelDecision): Promise<ChannelAnswer> {
    const { kind = 'approve', steps = approval.stepIds, reason, by, id } = decision;
    const card = await until('the card', async () =>
      this.teams.cards().find(({ activity }) => JSON.stringify(activity).includes(approval.id)),
    );
    const verb = `sentinel.${kind}`;
    const selection = steps.map((step) => approval.stepIds.indexOf(step)).join();
    const { text } = await this.teams.click(card, {
      verb,
      by,
      selection,
      ...(reason === undefined ? {} : { reason }),
      ...(id === undefined ? {} : { change: { id } }),
    });
    return { counted: !NOT_COUNTED.test(text), text };
  }

  async #byMessage({ approval }: Request, decision: ChannelDecision): Promise<ChannelAnswer> {
    const { kind = 'approve', steps = approval.stepIds, reason, by, id = `jti-${++ids}` } = decision;
    const now = Math.floor(this.responder.now() / 1000);
    const token = await new SignJWT({
      iss: 'soar',
      aud: DECISION_AUDIENCE,
      iat: now,
      exp: now + 600,
      jti: id,
      requestId: approval.id,
      revision: approval.revision,
      planHash: approval.planHash,
      kind,
      steps: [...steps],
      ...(reason === undefined ? {} : { reason }),
      person: this.#tokenOf(by),
    })
      .setProtectedHeader({ alg: 'ES256', kid: 's1', typ: DECISION_TYPE })
      .sign(this.key);
    const sender = this.bus.createSender('decisions');
    await sender.sendMessages({ body: token });
    await sender.close();
    await until('the queue to be empty', async () => {
      await this.responder.host.idle();
      const receiver = this.bus.createReceiver('decisions');
      const left = await receiver.peekMessages(1);
      await receiver.close();
      return left.length === 0 ? true : undefined;
    });
    const refused = this.bus.createReceiver('decisions-rejected', { receiveMode: 'receiveAndDelete' });
    const [aside] = await refused.receiveMessages(1, { maxWaitTimeInMs: 300 });
    await refused.close();
    return { counted: aside === undefined, text: JSON.stringify(aside?.body ?? '') };
  }

  #tokenOf(by: Analyst): string {
    const id = ANALYSTS.find(({ name }) => name === by)?.id ?? '';
    return this.responder.simulator.signIn.userToken(id, CLIENT, {});
  }
}

function busOf({ host }: Responder): ServiceBusClient {
  return new ServiceBusClient(host.serviceBusConnectionString ?? '');
}
