/** The complete responder for a test: simulated tenant, embedded host, virtual time. Tests use its public channels. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Clock,
  type Host,
  type HostEvent,
  type Introspection,
  startHost,
  virtualClock,
  WarmThreads,
} from 'functions-emulator';
import { type Fault, type LoggedCall, type Simulator, startSimulator } from 'tenant-simulator';
import type { ApprovalRequest } from '../../src/domain/approval.js';
import { type CaseFile, caseFileSchema } from '../../src/domain/case-file.js';
import type { Plan } from '../../src/domain/plan.js';
import { onceEvaluated } from './once-evaluated.js';
import { changedFiles, GROUPS } from './playbook.js';
import { has, StatusWatch } from './status-watch.js';

export { REAL_TENANT, WORKSPACE } from './real-tenant.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIXTURE = new URL('../../fixtures/ransomware-on-workstation/', import.meta.url);
const SECRET = 'a secret of the tests, longer than thirty-two characters';
/** The app's libraries load once for all tests of a process. */
const warmThreads = new WarmThreads();
export const START = Date.parse('2026-03-10T08:12:00Z');
export const DEVICE = '0142fade0142fade0142fade0142fade0142fade';

/** The parts of the tenant's state that tests read or change. */
export interface Tenant {
  machines: {
    id: string;
    computerDnsName: string;
    isolated: boolean;
    connected: boolean;
    [key: string]: unknown;
  }[];
  machineActions: { id: string; machineId: string; type: string; status: string; [key: string]: unknown }[];
  users: { id: string; signInSessionsValidFromDateTime: string; accountEnabled: boolean }[];
  incidents: {
    name: string;
    properties: { title: string; severity: string; status: string; [key: string]: unknown };
    entities: { kind: string; name: string; properties: Record<string, unknown> }[];
    alerts: unknown[];
  }[];
  comments: { properties: { message: string } }[];
  groups: { id: string; members: string[] }[];
}
export const readTenant = (): Tenant => readJson('tenant.json') as Tenant;
export const readEvent = (): Record<string, unknown> => readJson('event.json') as Record<string, unknown>;
/** Adds a copy of the fixture's incident with additional entities. Returns the event that announces it. */
export function anotherIncident(
  tenant: Tenant,
  entities: readonly { readonly kind: string; readonly properties: Readonly<Record<string, unknown>> }[] = [],
): Record<string, unknown> {
  const [first] = tenant.incidents;
  if (first === undefined) throw new Error('no incident');
  const number = String(tenant.incidents.length).padStart(4, '0');
  const name = `00000000-0000-4000-8000-00000021${number}`;
  const more = entities.map(({ kind, properties }, i) => ({
    kind,
    name: `00000000-0000-4000-8000-0031${number}${String(i).padStart(4, '0')}`,
    properties: { ...properties },
  }));
  const renamed = (what: unknown) =>
    JSON.parse(JSON.stringify(what).replaceAll(first.name, name).replaceAll('2417', `2417${number}`));
  tenant.incidents.push({ ...renamed(first), entities: [...first.entities, ...more] });
  return renamed(readEvent());
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body where it is JSON, else empty. */
  readonly json: Readonly<Record<string, unknown>>;
}
export interface ResponderOptions {
  /** Changes the fixture's tenant before it starts. */
  readonly change?: (tenant: Tenant) => void;
  readonly faults?: readonly Fault[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Changes to the shipped playbook and policy: each first text is replaced by the second. */
  readonly playbook?: readonly (readonly [string, string])[];
  readonly introspection?: Introspection;
  /** Virtual time runs while a request is pending. Otherwise it stops until `leave` is called. */
  readonly nobodyIsThere?: boolean;
  /** By default a virtual clock that begins at START. */
  readonly clock?: Clock;
  /** The host's data directory; without it, the host stores nothing. */
  readonly dataDirectory?: string;
  /** After `leave`, virtual time stops again once there is an outcome, until the next `leave`. */
  readonly comesBack?: boolean;
}
export interface Request {
  readonly instanceId: string;
  readonly approval: ApprovalRequest;
  readonly plan: Plan;
  /** The ETag that a decision must send. */
  readonly etag: string;
}
/** People of the fixture's tenant: two analysts, a lead and a person who is not an approver. */
export const ANALYSTS = [
  { id: '00000000-0000-4000-8000-00000000a101', name: 'Local analyst' },
  { id: '00000000-0000-4000-8000-00000000a102', name: 'Robin Keller' },
  { id: '00000000-0000-4000-8000-00000000a104', name: 'Kim Larsen' },
  { id: '00000000-0000-4000-8000-00000000a105', name: 'Noor Haddad' },
] as const;
export type Analyst = (typeof ANALYSTS)[number]['name'];
export interface Decision {
  readonly kind?: 'approve' | 'reject' | 'extend' | 'undo';
  readonly steps?: readonly string[];
  readonly reason?: string;
  readonly etag?: string;
  readonly key?: string;
  readonly by?: Analyst;
  /** Takes the answer that the decision is not evaluated yet. */
  readonly pending?: boolean;
}

export class Responder {
  readonly events: HostEvent[] = [];
  readonly #status = new StatusWatch(this.events);
  readonly #clock: Clock;
  #letTimeRun: (() => void) | undefined;
  #isBack = false;
  #host: Host | undefined;
  #startHost: (() => Promise<Host>) | undefined;
  #removeFiles: (() => void) | undefined;

  private constructor(
    readonly simulator: Simulator,
    clock: Clock,
  ) {
    this.#clock = clock;
  }

  static async start(options: ResponderOptions = {}): Promise<Responder> {
    const tenant = readTenant();
    options.change?.(tenant);
    const clock = options.clock ?? virtualClock(START);
    const faults = options.faults ? { faults: options.faults } : {};
    const simulator = await startSimulator({ tenant, clock, ...faults });
    const responder = new Responder(simulator, clock);
    const changed = options.playbook === undefined ? undefined : changedFiles(options.playbook);
    responder.#removeFiles = changed?.remove;
    responder.#startHost = () =>
      startHost({
        appDirectory: ROOT,
        ...(options.dataDirectory ? { dataDirectory: options.dataDirectory } : {}),
        port: 0,
        serviceBusPort: 0,
        clock,
        warmThreads,
        settings: {
          SIMULATED_TENANT_URL: simulator.url,
          AZURE_TENANT_ID: '00000000-0000-4000-8000-0000000000ac',
          AZURE_CLIENT_ID: '00000000-0000-4000-8000-00000000c11e',
          AZURE_CLIENT_SECRET: 'simulated-secret-not-real',
          LOCAL_SIGN_IN_SECRET: SECRET,
          LOCAL_ANALYSTS: JSON.stringify(ANALYSTS),
          AzureWebJobsStorage: 'UseDevelopmentStorage=true',
          APPROVER_GROUPS: JSON.stringify(GROUPS),
          'AzureWebJobs.keepFailedLookups.Disabled': 'true', // Idle time would pass by the hour.
          ...changed?.settings,
          ...options.settings,
        },
        onEvent: (event) => {
          responder.#on(event, options.nobodyIsThere ?? false);
          if (options.comesBack) responder.#comeBack(event);
        },
        ...(options.introspection ? { introspection: options.introspection } : {}),
      });
    responder.#host = await responder.#startHost().catch(async (error: unknown) => {
      await simulator.stop();
      throw error;
    });
    return responder;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error('not started');
    return this.#host;
  }

  /** Runs `what` at a virtual time after the start. Virtual time stops meanwhile. */
  at<T>(afterMs: number, what: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#clock.at(START + afterMs, () => {
        const goOn = this.#clock.hold('a test does something');
        what().then(resolve, reject).finally(goOn);
      });
    });
  }

  /** Virtual time, in milliseconds since the epoch. */
  now(): number {
    return this.#clock.now();
  }

  /** Stops virtual time until the returned function is called. */
  hold(): () => void {
    return this.#clock.hold('a test prepares');
  }

  /** Ends the host and starts another one on the same data directory. */
  async restart(meanwhile?: () => void): Promise<void> {
    await this.#host?.stop();
    meanwhile?.();
    this.#host = await this.#startHost?.();
  }

  /** The token of a link that was created at the start. */
  get linkToken(): string {
    return this.linkOf(0);
  }

  /** The token of one of several links that were created at the start. */
  linkOf(which: number): string {
    const body = `${START}.${String(which).padStart(32, '0')}`;
    return `${body}.${derive(`link ${body}`)}`;
  }

  /** The token of the command line. */
  tokenOf(by?: Analyst): string {
    return tokenOf(by);
  }

  /** A call with the token of the command line, for the first analyst by default. */
  call(
    method: string,
    path: string,
    body?: unknown,
    { by, headers }: { readonly by?: Analyst; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    return this.fetch(path, {
      method,
      headers: { authorization: `Bearer ${tokenOf(by)}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  async fetch(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.host.url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const { status, headers } = response;
    const isJson = /json/.test(headers.get('content-type') ?? '');
    return { status, headers, text, json: isJson ? JSON.parse(text) : {} };
  }

  /** Submits the fixture's incident over HTTP, without a person's token unless `by` is given. */
  async deliver(event: unknown = readEvent(), by?: Analyst): Promise<string> {
    const answer = await this.fetch('/api/incidents', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(by === undefined ? {} : { authorization: `Bearer ${tokenOf(by)}` }),
      },
      body: JSON.stringify(event),
    });
    if (typeof answer.json.instanceId !== 'string') throw new Error(`not accepted: ${answer.text}`);
    return answer.json.instanceId;
  }

  /** Waits for the pending request of a tier; of any tier if none is given. */
  async asked(instanceId: string, tier?: string): Promise<Request> {
    await this.#status.shown(instanceId, 'expiresAt');
    return until(`a question of ${instanceId}`, async () => {
      const file = await this.caseFile(instanceId);
      const approval = file?.approvals.find(
        (request) => request.purpose === 'respond' && (tier === undefined || request.tier === tier),
      );
      return approval?.state === 'waiting' ? this.request(approval.id) : undefined;
    });
  }

  /** The current state of a request. */
  async request(requestId: string): Promise<Request> {
    const { json, headers } = await this.call('GET', `/api/approvals/${requestId}`);
    const approval = json.request as ApprovalRequest;
    const file = await this.caseFile(approval.instanceId);
    if (file?.plan === undefined) throw new Error('no plan');
    return { instanceId: approval.instanceId, approval, plan: file.plan, etag: headers.get('etag') ?? '' };
  }

  /** Approves all steps of the request by default. */
  decide(request: Request, decision: Decision = {}): Promise<Answer> {
    const { kind = 'approve', steps = request.approval.stepIds, reason, by } = decision;
    const key = decision.key ?? `decision-${++decisions}`;
    const route = kind === 'approve' || kind === 'reject' ? 'decisions' : kind;
    const body = {
      ...(route === 'decisions' ? { kind } : {}),
      ...(kind === 'approve' || kind === 'undo' ? { steps } : {}),
      ...(reason === undefined ? {} : { reason }),
    };
    const headers = { 'if-match': decision.etag ?? request.etag, 'idempotency-key': key };
    const path = `/api/approvals/${request.approval.id}/${route}`;
    const post = () => this.call('POST', path, body, { ...(by === undefined ? {} : { by }), headers });
    return onceEvaluated(
      post,
      ({ json }) => json.status === 'pending' && !decision.pending,
      async ({ json }) => {
        const file = await this.caseFile(request.instanceId);
        return file?.decisions.some(({ decision: { id } }) => id === json.decisionId) ?? false;
      },
    );
  }

  /** The analyst leaves: virtual time runs. */
  leave(): void {
    this.#letTimeRun?.();
  }

  /** The analyst returns: virtual time stops at the next request. */
  comeBack(): void {
    this.#letTimeRun = undefined;
  }

  async caseFile(instanceId: string): Promise<CaseFile | undefined> {
    const { status, json } = await this.call('GET', `/api/incidents/${instanceId}`);
    return status === 200 ? caseFileSchema.parse(json) : undefined;
  }

  /** Lets time run and waits until the incident is handled. */
  async ended(instanceId: string): Promise<CaseFile> {
    this.leave();
    await this.#status.shown(instanceId, 'outcome');
    return until(`the end of ${instanceId}`, async () => {
      const file = await this.caseFile(instanceId);
      return file?.stage === 'ended' ? file : undefined;
    });
  }

  tenant(): Tenant {
    return this.simulator.state() as Tenant;
  }

  /** Calls that would have changed something in the tenant, other than comments on incidents. */
  effects(): LoggedCall[] {
    const reads = /\/(?:alerts|entities|query|ipGeodata|token|checkMemberGroups|comments)$|\/comments\//;
    return this.simulator.calls().filter(({ method, path }) => method !== 'GET' && !reads.test(path));
  }

  comment(): string {
    return this.tenant().comments[0]?.properties.message ?? '';
  }

  async stop(): Promise<void> {
    this.leave();
    await this.#host?.stop();
    await this.simulator.stop();
    this.#removeFiles?.();
  }

  #comeBack(event: HostEvent): void {
    if (event.kind !== 'instance-changed' || this.#isBack) return;
    if (!has(event.customStatus, 'outcome')) return;
    this.#isBack = true;
    this.#letTimeRun = this.#clock.hold('an analyst is back');
  }

  #on(event: HostEvent, nobodyIsThere: boolean): void {
    this.events.push(event);
    this.#status.saw(event);
    if (event.kind !== 'instance-changed' || nobodyIsThere || this.#letTimeRun) return;
    if (has(event.customStatus, 'expiresAt')) {
      this.#letTimeRun = this.#clock.hold('an analyst is there');
    }
  }
}

let decisions = 0;
/** Polls in real time until `look` returns a value. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 110_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

function tokenOf(by: Analyst | undefined): string {
  const analyst = ANALYSTS.find(({ name }) => name === by);
  return analyst === undefined ? derive('cli') : `${analyst.id}.${derive(`cli ${analyst.id}`)}`;
}

function derive(purpose: string): string {
  return createHmac('sha256', SECRET).update(purpose).digest('hex');
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FIXTURE), 'utf8'));
}
