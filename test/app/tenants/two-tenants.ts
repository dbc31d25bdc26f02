/** A responder of two tenants that differ in nothing but ids and titles: their people, groups and channels are the same. */
import { ServiceBusClient } from '@azure/service-bus';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Simulator, startSimulator } from 'tenant-simulator';
import { DECISION_AUDIENCE, DECISION_TYPE } from '../../../src/app/service-bus/decision-token.js';
import { GROUPS } from '../playbook.js';
import {
  ANALYSTS,
  type Answer,
  type Request,
  Responder,
  type ResponderOptions,
  readEvent,
  readTenant,
  START,
} from '../responder.js';

const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
/** Ids of the fixture, and those that the second tenant has instead. */
const OTHER_IDS = [
  ['00000000-0000-4000-8000-0000000000ac', '00000000-0000-4000-8000-0000000001ac'],
  ['00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000001aa'],
  ['00000000-0000-4000-8000-00000000c11e', '00000000-0000-4000-8000-00000001c11e'],
] as const;
const TITLE = 'Multi-stage incident involving';
const CLIENTS = { a: '00000000-0000-4000-8000-0000000ac22e', b: '00000000-0000-4000-8000-0000000bc22e' };
export const SIGNING_KEY = 'a signing key of the tests that is longer than thirty-two characters';
export type Which = 'a' | 'b';
/** What only the texts of this tenant contain. */
export const MARKERS = { a: 'Alpha incident of', b: 'Bravo incident of' } as const;
export const otherOf = (which: Which): Which => (which === 'a' ? 'b' : 'a');

/** The first tenant is the home tenant: its people are the operators. */
export const TENANT_IDS = { a: OTHER_IDS[0][0], b: OTHER_IDS[0][1] } as const;
export const BOTS = { a: OTHER_IDS[2][0], b: OTHER_IDS[2][1] } as const;

/** A part of the fixture as it is in one of the tenants. */
export function inTenant<T>(which: Which, part: T): T {
  let text = JSON.stringify(part).replaceAll(TITLE, MARKERS[which]);
  for (const [from, to] of which === 'b' ? OTHER_IDS : []) text = text.replaceAll(from, to);
  return JSON.parse(text) as T;
}

export class TwoTenants {
  /** The app registrations that the people of each tenant sign in to. */
  readonly clients = CLIENTS;

  private constructor(
    readonly responder: Responder,
    readonly simulators: Readonly<Record<Which, Simulator>>,
    private bus: ServiceBusClient,
    private readonly key: CryptoKey,
    private readonly settings: Record<string, string>,
  ) {}

  static async start({ change, settings: more, ...options }: ResponderOptions = {}): Promise<TwoTenants> {
    let responder: Responder | undefined;
    const clock = { now: () => responder?.now() ?? START };
    const [a, b] = await Promise.all(
      (['a', 'b'] as const).map((which) => {
        const tenant = inTenant(which, readTenant());
        change?.(tenant);
        return startSimulator({ tenant, clock });
      }),
    );
    if (a === undefined || b === undefined) throw new Error('no simulator');
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const keys = [{ ...(await exportJWK(publicKey)), kid: 's1' }];
    const senders = (['a', 'b'] as const).map((which) => {
      return { id: `soar-${which}`, name: 'SOAR', tenantId: TENANT_IDS[which], keys };
    });
    const settings: Record<string, string> = {
      ...Object.fromEntries(
        ['SIMULATED_TENANT_URL', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'APPROVER_GROUPS'].map((name) => [
          name,
          '',
        ]),
      ),
      APP_SECRET: 'simulated-secret-not-real',
      TENANTS: JSON.stringify([
        inTenant('a', tenantSetting('Alpha', a.url, CLIENTS.a)),
        inTenant('b', tenantSetting('Bravo', b.url, CLIENTS.b)),
      ]),
      LOCAL_ANALYSTS: JSON.stringify(
        ANALYSTS.map((analyst, at) => ({ ...analyst, tenantId: TENANT_IDS[at < 2 ? 'a' : 'b'] })),
      ),
      APPROVALS_SIGNING_KEYS: SIGNING_KEY,
      DECISION_SENDERS: JSON.stringify(senders),
      ...more,
    };
    responder = await Responder.start({ ...options, settings });
    return new TwoTenants(responder, { a, b }, busOf(responder), privateKey, settings);
  }

  /** Another start on the same data, with changed text in the setting TENANTS. */
  async restart(change: (tenants: string) => string): Promise<void> {
    await this.bus.close();
    await this.responder.restart(() => {
      this.settings.TENANTS = change(this.settings.TENANTS ?? '');
    });
    this.bus = busOf(this.responder);
  }

  async stop(): Promise<void> {
    await this.bus.close();
    await this.responder.stop();
    await Promise.all([this.simulators.a.stop(), this.simulators.b.stop()]);
  }

  /** A token of an analyst. Both tenants have a person with this object id. */
  tokenOf(which: Which, id: string = ANALYSTS[0].id): string {
    return this.simulators[which].signIn.userToken(id, CLIENTS[which]);
  }

  /** A call of an analyst with a token of the tenant. */
  call(
    which: Which,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${this.tokenOf(which)}`;
    return this.responder.call(method, path, body, { headers: { authorization, ...headers } });
  }

  /** The incident of a tenant, delivered without a token as by a connector, until its request waits. */
  async asked(which: Which): Promise<Request> {
    const event = inTenant(which, readEvent());
    const headers = { 'content-type': 'application/json' };
    const { json, text } = await this.responder.fetch('/api/incidents', {
      method: 'POST',
      headers,
      body: JSON.stringify(event),
    });
    if (typeof json.instanceId !== 'string') throw new Error(`not accepted: ${text}`);
    return this.request(which, json.instanceId);
  }

  /** The request of an instance, once it waits. */
  async request(which: Which, instanceId: string): Promise<Request> {
    const end = performance.now() + 60_000;
    for (;;) {
      const { json: file } = await this.call(which, 'GET', `/api/incidents/${instanceId}`);
      const waiting = (file.approvals as Request['approval'][] | undefined)?.find(
        ({ state }) => state === 'waiting',
      );
      if (waiting !== undefined) {
        const { headers } = await this.call(which, 'GET', `/api/approvals/${waiting.id}`);
        const plan = file.plan as Request['plan'];
        return { instanceId, approval: waiting, plan, etag: headers.get('etag') ?? '' };
      }
      if (performance.now() > end) throw new Error(`no request: ${JSON.stringify(file).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The session of a local analyst of the tenant, as a cookie. */
  async session(which: Which): Promise<string> {
    const analyst = ANALYSTS[which === 'a' ? 0 : 2].id;
    const token = this.responder.linkOf(which === 'a' ? 0 : 1);
    const { headers } = await this.form('/sign-in', { token, analyst });
    return headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  form(path: string, fields: Readonly<Record<string, string>>, cookie = ''): Promise<Answer> {
    const { url } = this.responder.host;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: url, cookie };
    return this.responder.fetch(path, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Sends a decision of a sender of the tenant to the queue. Returns the rejection; undefined: it was taken. */
  async decideInQueue(
    which: Which,
    request: Request,
    { person, id }: { readonly person?: string; readonly id: string },
  ): Promise<{ readonly code: string; readonly reason: string } | undefined> {
    const { approval } = request;
    const now = Math.floor(this.responder.now() / 1000);
    const token = await new SignJWT({
      ...{ iss: `soar-${which}`, aud: DECISION_AUDIENCE, iat: now, exp: now + 600, jti: id },
      ...{ requestId: approval.id, revision: approval.revision, planHash: approval.planHash },
      ...{ kind: 'approve', steps: [...approval.stepIds] },
      ...(person === undefined ? {} : { person }),
    })
      .setProtectedHeader({ alg: 'ES256', kid: 's1', typ: DECISION_TYPE })
      .sign(this.key);
    const sender = this.bus.createSender('decisions');
    await sender.sendMessages({ body: token });
    await sender.close();
    await this.responder.host.idle();
    const refused = this.bus.createReceiver('decisions-rejected', { receiveMode: 'receiveAndDelete' });
    const [aside] = await refused.receiveMessages(1, { maxWaitTimeInMs: 300 });
    await refused.close();
    return aside?.body;
  }
}

function busOf({ host }: Responder): ServiceBusClient {
  return new ServiceBusClient(host.serviceBusConnectionString ?? '');
}

/** An entry of TENANTS, as of the fixture's tenant. */
function tenantSetting(name: string, simulatedTenantUrl: string, approvalsClientId: string): object {
  const [[id], [subscription], [clientId]] = OTHER_IDS;
  return {
    id,
    name,
    credential: { kind: 'secret', clientId, secretSetting: 'APP_SECRET' },
    workspaces: [
      {
        id: `/subscriptions/${subscription}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/law-soc`,
      },
    ],
    approverGroups: GROUPS,
    teams: { botId: clientId, channels: { 'soc-incidents': CHANNEL } },
    approvalsClientId,
    simulatedTenantUrl,
  };
}
