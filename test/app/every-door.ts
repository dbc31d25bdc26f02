/** One responder with every door open, and one way to decide through each of them. */
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

export const DOORS = ['page', 'http', 'cli', 'teams', 'service-bus'] as const;
export type Door = (typeof DOORS)[number];
const CLIENT = '00000000-0000-4000-8000-00000000c22e';

export interface Wish {
  readonly by: Analyst;
  readonly kind?: 'approve' | 'reject' | 'extend' | 'undo';
  readonly steps?: readonly string[];
  readonly reason?: string;
  /** What makes a repetition one: a form, a key, an activity, a jti. A new one unless named. */
  readonly id?: string;
}
/** What the door says, at once or in the queue of refused decisions. */
export interface Said {
  readonly counted: boolean;
  readonly text: string;
}

/** What cards and messages of Teams say then. */
const NOT_COUNTED =
  /did not count|not looked at|could not take this|Wait a minute|Nothing can be decided|not one of ours/;

let ids = 0;

export class EveryDoor {
  readonly #sessions = new Map<string, Promise<string>>();
  #signedIn: Promise<string> | undefined;
  readonly #forms = new Map<string, Promise<URLSearchParams>>();

  private constructor(
    readonly teams: TeamsResponder,
    private bus: ServiceBusClient,
    private readonly key: CryptoKey,
  ) {}

  static async start(options: ResponderOptions = {}): Promise<EveryDoor> {
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
    return new EveryDoor(teams, busOf(teams.responder), privateKey);
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

  decide(door: Door, request: Request, wish: Wish): Promise<Said> {
    switch (door) {
      case 'page':
        return this.#onPage(request, wish);
      case 'http':
        return this.#overHttp(request, wish, this.#tokenOf(wish.by));
      case 'cli':
        return this.#overHttp(request, wish);
      case 'teams':
        return this.#inTeams(request, wish);
      case 'service-bus':
        return this.#byMessage(request, wish);
    }
  }

  /** Opens a request on the page: the form of this id is as it was then. */
  async open({ approval }: Request, by: Analyst, id: string): Promise<void> {
    const form = this.#formOf(`/approvals/${approval.id}`, await this.#session(by));
    this.#forms.set(id, form);
    await form;
  }

  /** What a page says to somebody. */
  async look(by: Analyst, path: string): Promise<string> {
    return (await this.responder.fetch(path, { headers: { cookie: await this.#session(by) } })).text;
  }

  async #overHttp(request: Request, wish: Wish, token?: string): Promise<Said> {
    const { kind = 'approve', steps = request.approval.stepIds, reason, by, id = `key-${++ids}` } = wish;
    const door = kind === 'approve' || kind === 'reject' ? 'decisions' : kind;
    const body = {
      ...(door === 'decisions' ? { kind } : {}),
      ...(kind === 'approve' || kind === 'undo' ? { steps } : {}),
      ...(reason === undefined ? {} : { reason }),
    };
    const { status, text } = await this.responder.call(
      'POST',
      `/api/approvals/${request.approval.id}/${door}`,
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

  async #onPage({ approval }: Request, wish: Wish): Promise<Said> {
    const { kind = 'approve', steps = approval.stepIds, reason = '', by, id = `form-${++ids}` } = wish;
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
    // The forms of a page share what is hidden; a browser sends the fields of one of them.
    const shared = new Map(found.map(([, name = '', value = '']): [string, string] => [name, value]));
    return new URLSearchParams([...shared]);
  }

  /** The link works once; whoever is signed in may play another analyst. */
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

  async #inTeams({ approval }: Request, wish: Wish): Promise<Said> {
    const { kind = 'approve', steps = approval.stepIds, reason, by, id } = wish;
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

  async #byMessage({ approval }: Request, wish: Wish): Promise<Said> {
    const { kind = 'approve', steps = approval.stepIds, reason, by, id = `jti-${++ids}` } = wish;
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
