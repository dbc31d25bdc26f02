/**
 * One app for two simulated tenants, in which everything has the same names: users, devices, addresses, numbers of incidents.
 * Only what Azure itself makes unique differs: the ids of tenant, app, subscription and workspace, and the secret.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { virtualClock } from 'functions-emulator';
import { type Fault, type Simulator, startSimulator } from 'tenant-simulator';
import { type CaseFile, caseFileSchema } from '../../src/domain/case-file.js';
import { instanceIdOf } from '../../src/intake/index.js';
import { GROUPS } from './playbook.js';
import {
  Responder,
  type ResponderOptions,
  readEvent,
  readTenant,
  START,
  type Tenant,
  until,
  WORKSPACE,
} from './responder.js';

/** What a tenant received, as it came over the wire. */
export interface Received {
  readonly authorization: string;
  /** Method, address and body. */
  readonly text: string;
}

interface Names {
  /** `a` or `b`. */
  readonly letter: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  /** In the title and in an entity of its incidents. */
  readonly marker: string;
  readonly topic: string;
}

const namesOf = (letter: 'a' | 'b'): Names => ({
  letter,
  tenantId: `00000000-0000-4000-8000-0000000000${letter}1`,
  clientId: `00000000-0000-4000-8000-0000000000${letter}2`,
  secret: `made-up-secret-of-tenant-${letter}`,
  subscriptionId: `00000000-0000-4000-8000-0000000000${letter}3`,
  customerId: `00000000-0000-4000-8000-0000000000${letter}4`,
  marker: `only-in-${letter}`,
  topic: `topic-of-${letter}`,
});

/** The fixture's text with the names of one tenant. */
function renamed<T>(what: T, names: Names): T {
  const text = JSON.stringify(what)
    .replaceAll('00000000-0000-4000-8000-0000000000ac', names.tenantId)
    .replaceAll('00000000-0000-4000-8000-00000000c11e', names.clientId)
    .replaceAll('simulated-secret-not-real', names.secret)
    .replaceAll('00000000-0000-4000-8000-0000000000aa', names.subscriptionId)
    .replaceAll('00000000-0000-4000-8000-0000000000ab', names.customerId)
    .replaceAll('Multi-stage incident', `${names.marker} incident`)
    .replaceAll('vssadmin.exe', `${names.marker}.exe`);
  return JSON.parse(text) as T;
}

export class TenantSide {
  private constructor(
    readonly names: Names,
    readonly simulator: Simulator,
    private readonly proxy: Proxy,
  ) {}

  static async start(
    letter: 'a' | 'b',
    { clock, change, faults = [] }: { clock: { now(): number } } & SideOptions,
  ): Promise<TenantSide> {
    const names = namesOf(letter);
    const tenant = readTenant();
    change?.(tenant);
    const simulator = await startSimulator({ tenant: renamed(tenant, names), clock, faults });
    return new TenantSide(names, simulator, await startProxy(simulator.url, names.topic));
  }

  get received(): readonly Received[] {
    return this.proxy.received;
  }

  /** Calls a function with each request, before it is passed on: `GET https://…`. */
  onRequest(listener: (address: string) => void): void {
    this.proxy.onRequest(listener);
  }

  /** Requests of the responder get no answer until the returned function is called. */
  hold(): () => void {
    return this.proxy.hold();
  }

  get workspace(): string {
    return renamed(WORKSPACE, this.names);
  }

  /** The event of the fixture's incident in this tenant. */
  get event(): Record<string, unknown> {
    return this.rename(readEvent());
  }

  /** The instance of the fixture's incident. */
  get instanceId(): string {
    return instanceIdOf(String((this.event.object as { id: string }).id).toLowerCase());
  }

  /** The endpoint of its topic. Its proxy passes the calls on to the topic of the simulated tenant. */
  get topic(): string {
    return `https://${this.names.topic}.westeurope-1.eventgrid.azure.net/api/events`;
  }

  /** A body of the fixture's tenant as one of this tenant. */
  rename<T>(what: T): T {
    return renamed(what, this.names);
  }

  state(): Tenant & { publishedEvents: { event: Record<string, unknown> }[] } {
    return this.simulator.state() as Tenant & { publishedEvents: { event: Record<string, unknown> }[] };
  }

  /** Calls that would have changed something, other than comments and published events. */
  effects(): string[] {
    const reads =
      /\/(?:alerts|entities|query|ipGeodata|token|checkMemberGroups|comments|events)$|\/comments\//;
    const changes = this.simulator
      .calls()
      .filter(({ method, path }) => method !== 'GET' && !reads.test(path));
    return changes.map(({ method, path }) => `${method} ${path}`);
  }

  /** The entry in TENANTS. */
  settings(): Record<string, unknown> {
    return {
      id: this.names.tenantId,
      name: `Tenant ${this.names.letter.toUpperCase()}`,
      credential: {
        kind: 'secret',
        clientId: this.names.clientId,
        secretSetting: `SECRET_OF_${this.names.letter.toUpperCase()}`,
      },
      workspaces: [{ id: this.workspace, customerId: this.names.customerId }],
      defenderIncidents: true,
      approverGroups: GROUPS,
      simulatedTenantUrl: this.proxy.url,
    };
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    await this.simulator.stop();
  }
}

interface Proxy {
  readonly url: string;
  readonly received: readonly Received[];
  hold(): () => void;
  onRequest(listener: (address: string) => void): void;
  stop(): void;
}

/** The host of the topic that every simulated tenant has begins so. */
const SIMULATED_TOPIC = 'sentinel-responder.';

/** Passes every request on, and notes it. */
async function startProxy(target: string, topic: string): Promise<Proxy> {
  const received: Received[] = [];
  let listener = (_text: string): void => {};
  let held = Promise.resolve();
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const { method = '', url = '', headers } = request;
    const address = `${method} https://${headers.host}${decodeURIComponent(url)}`;
    received.push({ authorization: headers.authorization ?? '', text: `${address} ${body.toString()}` });
    listener(address);
    await held;
    const host = headers.host?.replace(`${topic}.`, SIMULATED_TOPIC);
    const passed = httpRequest(new URL(url, target), { method, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    passed.on('error', () => response.destroy()).end(body);
    response.on('close', () => passed.destroy());
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    hold: () => {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    onRequest: (given) => {
      listener = given;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A playbook in which nothing waits for people. */
export const AUTOMATIC = [
  ['tier: analysts', 'tier: auto\n    unattended: true'],
  ['tier: analysts', 'tier: auto\n    unattended: true'],
] as const;

const claimsOf = (authorization: string): { appid?: string } => {
  const payload = authorization.split('.')[1];
  return payload === undefined ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString());
};

/** The requests to `side` that carry another token than its own, or that name something of the other tenant. */
export function foreignTo(side: TenantSide, other: TenantSide): string[] {
  const { letter: _, ...names } = other.names;
  return side.received.flatMap(({ authorization, text }) => {
    const isSignIn = / https:\/\/login\.microsoftonline\.com\//.test(text);
    const isOwn = isSignIn || claimsOf(authorization).appid === side.names.clientId;
    const named = Object.values(names).some((name) => text.toLowerCase().includes(name));
    return isOwn && !named ? [] : [`${authorization} ${text}`];
  });
}

interface SideOptions {
  /** Changes the fixture's tenant before it gets the names of this one. */
  readonly change?: (tenant: Tenant) => void;
  readonly faults?: readonly Fault[];
}
export interface TwoTenantsOptions extends Omit<ResponderOptions, 'change' | 'faults' | 'settings'> {
  readonly a?: SideOptions;
  readonly b?: SideOptions;
  /** Changes the entries of TENANTS. */
  readonly tenants?: (a: TenantSide, b: TenantSide) => readonly Record<string, unknown>[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** The settings of a single tenant, which must not be set beside TENANTS. */
const NOT_SINGLE = {
  SIMULATED_TENANT_URL: '',
  AZURE_CLIENT_ID: '',
  AZURE_CLIENT_SECRET: '',
  APPROVER_GROUPS: '',
  QUARANTINE_GROUP: '',
} as const;

export class TwoTenants {
  private constructor(
    /** Its own simulated tenant is not used. */
    readonly responder: Responder,
    readonly a: TenantSide,
    readonly b: TenantSide,
    private readonly settings: Record<string, string>,
  ) {}

  static async start({
    clock = virtualClock(START),
    a = {},
    b = {},
    tenants,
    settings,
    ...options
  }: TwoTenantsOptions = {}): Promise<TwoTenants> {
    const sides = [
      await TenantSide.start('a', { clock, ...a }),
      await TenantSide.start('b', { clock, ...b }),
    ] as const;
    const entries = tenants?.(...sides) ?? sides.map((side) => side.settings());
    const all: Record<string, string> = {
      ...NOT_SINGLE,
      AZURE_TENANT_ID: '',
      // People of no tenant are there.
      LOCAL_SIGN_IN_SECRET: '',
      LOCAL_ANALYSTS: '',
      APPROVALS_SIGNING_KEYS: 'a signing key of the tests that is longer than thirty-two characters',
      TENANTS: JSON.stringify(entries),
      SECRET_OF_A: sides[0].names.secret,
      SECRET_OF_B: sides[1].names.secret,
      ...settings,
    };
    const responder = await Responder.start({ ...options, clock, settings: all });
    return new TwoTenants(responder, ...sides, all);
  }

  /** Starts the host again with other entries in TENANTS. */
  async restart(entries: readonly Record<string, unknown>[]): Promise<void> {
    await this.responder.restart(() => Object.assign(this.settings, { TENANTS: JSON.stringify(entries) }));
  }

  /** The case file of a run, once it has ended. */
  ended(instanceId: string, generation = 1): Promise<CaseFile> {
    return until(`the end of ${instanceId}`, async () => {
      const record = await this.entity('case', `${instanceId}.${generation}`);
      const file = caseFileSchema.safeParse(record?.file).data;
      return file?.stage === 'ended' ? file : undefined;
    });
  }

  get sides(): readonly [TenantSide, TenantSide] {
    return [this.a, this.b];
  }

  /** The state of a durable entity; undefined if it does not exist. */
  async entity(name: string, key: string): Promise<Record<string, unknown> | undefined> {
    const path = `/runtime/webhooks/durabletask/entities/${name}/${encodeURIComponent(key)}`;
    const { status, json } = await this.responder.fetch(path, {});
    return status === 200 ? json : undefined;
  }

  async stop(): Promise<void> {
    await this.responder.stop();
    await this.a.stop();
    await this.b.stop();
  }
}
