/** Several incidents about one device in one responder. Virtual time runs from one deed to the next. */
import type { Effect } from '../../src/domain/case-file.js';
import { Responder, type ResponderOptions, readEvent, type Tenant } from './responder.js';

export const NUMBERS = ['2001', '2002', '2003'] as const;
const MINUTE = 60_000;
const nameOf = (number: string) => `00000000-0000-4000-8000-00000000${number}`;
export const isIsolate = (stepId: string) => stepId.includes('isolate');

/** The fixture's incident, and two more that are about the same device. */
function threeIncidents(tenant: Tenant): void {
  const [first] = tenant.incidents;
  if (first === undefined) throw new Error('the fixture has no incident');
  for (const number of NUMBERS.slice(1)) {
    const copy = structuredClone(first);
    copy.name = nameOf(number);
    Object.assign(copy.properties, { incidentNumber: Number(number), providerIncidentId: number });
    tenant.incidents.push(copy);
  }
}

/** A request that is shown as waiting may change at the same moment: by its deadline, or by another decision. */
const OVERTAKEN = new Set(['expired', 'superseded', 'already-decided']);

export class Incidents {
  #ids: readonly string[] = [];
  private constructor(readonly responder: Responder) {}

  static async start(options: ResponderOptions = {}): Promise<Incidents> {
    const change = (tenant: Tenant) => {
      threeIncidents(tenant);
      options.change?.(tenant);
    };
    return new Incidents(await Responder.start({ nobodyIsThere: true, ...options, change }));
  }

  /** Delivers `count` incidents and runs the deeds at their minutes after the start. */
  async play(count: number, deeds: readonly (readonly [number, () => Promise<void>])[]): Promise<void> {
    const goOn = this.responder.hold();
    const done = deeds.map(([at, deed]) => this.responder.at(at * MINUTE, deed));
    const events = NUMBERS.slice(0, count).map((number) =>
      JSON.parse(JSON.stringify(readEvent()).replaceAll(nameOf('2001'), nameOf(number))),
    );
    this.#ids = await Promise.all(events.map((event) => this.responder.deliver(event)));
    goOn();
    await Promise.all(done);
  }

  id(n: number): string {
    return this.#ids[n] ?? '';
  }

  /** The isolation of one of them. */
  async effect(n: number): Promise<Effect | undefined> {
    const file = await this.responder.caseFile(this.id(n));
    return file?.effects.find(({ stepId }) => isIsolate(stepId));
  }

  async timeline(n: number): Promise<string> {
    const file = await this.responder.caseFile(this.id(n));
    return file?.timeline.map(({ text }) => text).join('\n') ?? '';
  }

  /** Decides about the isolation if a request for it is pending. Returns whether it decided. */
  async decide(n: number, kind: 'approve' | 'reject' | 'undo'): Promise<boolean> {
    const purpose = kind === 'undo' ? 'undo' : 'respond';
    const file = await this.responder.caseFile(this.id(n));
    const open = file?.approvals.find(
      (request) =>
        request.purpose === purpose && request.state === 'waiting' && request.stepIds.some(isIsolate),
    );
    if (open === undefined) return false;
    const request = await this.responder.request(open.id);
    const steps = request.approval.stepIds.filter(isIsolate);
    const { status, json, text } = await this.responder.decide(request, {
      kind,
      steps,
      by: 'Robin Keller',
      reason: 'as a test has it',
    });
    if (OVERTAKEN.has(String(json.code))) return false;
    if (status >= 300) throw new Error(`${kind} was refused: ${text}`);
    return true;
  }
}
