/**
 * Changes one field of an incident, whatever else others change about it meanwhile. What others have set since the approval
 * is left to them: a newer decision of a person is never overwritten.
 */
import { z } from 'zod';
import { canonicalJson } from '../domain/canonical.js';
import { ResponderError } from '../domain/errors.js';
import type { TargetRecord } from '../domain/target.js';
import { changeState } from './change-state.js';
import {
  type ActionContext,
  type Confirmation,
  defineResponse,
  type Permission,
  type Resolver,
  type Response,
  type RunResult,
  type Settings,
  type UndoSkipped,
} from './define.js';
import type { QuotaFamily } from './services.js';

/** The incident as it was read. */
export interface ReadIncident<P> {
  readonly properties: P;
  /** Absent: the service has no versions. */
  readonly etag?: string | undefined;
}
/** How a service reads incidents, and changes properties of them. */
export interface IncidentService<P> {
  readonly resolver: Resolver<'incident', unknown, ReadIncident<P>>;
  readonly docs: string;
  readonly permission: Permission;
  readonly quota: QuotaFamily;
  read(id: string, ctx: ActionContext): Promise<ReadIncident<P>>;
  /** Changes these properties of the version that was read; `undefined` removes one. */
  write(
    id: string,
    read: ReadIncident<P>,
    change: Partial<P>,
    ctx: ActionContext,
  ): Promise<{ readonly requestId?: string }>;
}
/** One field: a property, or a part of one. `V` is its value as JSON. */
export interface IncidentField<P, S, V> {
  readonly value: z.ZodType<V>;
  get(properties: P, settings: S): V;
  /** What of it must be as at the approval. Absent: the change overwrites no value of others. */
  readonly seen?: { readonly schema: z.ZodType; of(value: V): unknown };
  isSet(value: V, settings: S): boolean;
  set(properties: P, settings: S): Partial<P>;
  restore(properties: P, before: V, settings: S): Partial<P>;
  /** `the severity Low`, for people. */
  words(value: V): string;
}
interface Declared<S> extends Pick<Response, 'name' | 'title' | 'impact' | 'risk'> {
  readonly settings: Settings<S>;
  /** What its undo does, for people. */
  readonly undo: string;
}
export interface FieldInput<S> {
  readonly incidentId: string;
  /** Its name for people. */
  readonly incident: string;
  readonly settings: S;
  readonly seen?: unknown;
}
interface FieldOutput<V> {
  readonly changed: boolean | 'unknown';
  readonly before: V;
}

export function incidentFieldAction<P, S, V>(
  service: IncidentService<P>,
  field: IncidentField<P, S, V>,
  { undo, settings, ...declared }: Declared<S>,
): Response<FieldInput<S>, FieldOutput<V>, 'incident'> {
  const changes = new FieldChanges(service, field);
  return defineResponse<FieldInput<S>, FieldOutput<V>, 'incident'>({
    ...declared,
    docs: service.docs,
    entity: 'incident',
    settings,
    input: z.object({
      incidentId: z.string().min(1),
      incident: z.string().describe('Its name for people'),
      settings: settings.schema,
      seen: (field.seen?.schema ?? z.never())
        .optional()
        .describe('Its value at the approval; if others have changed it since, nothing is done'),
    }),
    output: z.object({
      changed: z
        .union([z.boolean(), z.literal('unknown')])
        .describe(
          'This action changed it; false: it was so before, and undo does not revert it; unknown: this action or someone else did',
        ),
      before: field.value.describe('The value before acting'),
    }),
    permissions: [service.permission],
    quota: service.quota,
    calls: 3,
    takesUpTo: '5m',
    idempotent: true,
    captures: ['before'],
    target: {
      resolver: service.resolver,
      accept: ({ properties }, record: TargetRecord) => {
        const input = { incidentId: record.id, incident: record.name };
        // Only a field without settings in its value has something to compare.
        const seen = field.seen?.of(field.get(properties, undefined as S));
        return { ok: true, input: (seen === undefined ? input : { ...input, seen }) as FieldInput<S> };
      },
    },
    run: (input, ctx) => changes.run(input, ctx),
    confirm: (input, _output, ctx) => changes.confirm(input, ctx),
    undo: {
      describe: undo,
      run: (input, output, ctx) => changes.undo(input, output, ctx),
      confirm: (input, output, ctx) => changes.confirmUndo(input, output, ctx),
    },
  });
}

/** A conflict may repeat while others write: the incident is read again each time. */
const MOST_WRITES = 8;

class FieldChanges<P, S, V> {
  constructor(
    private readonly service: IncidentService<P>,
    private readonly field: IncidentField<P, S, V>,
  ) {}

  run(input: FieldInput<S>, ctx: ActionContext) {
    const { settings, seen } = input;
    return changeState<ReadIncident<P>, FieldOutput<V>>(
      {
        read: () => this.service.read(input.incidentId, ctx),
        isInForce: (now) => this.field.isSet(this.valueOf(now, input), settings),
        words: (now) => this.field.words(this.valueOf(now, input)),
        check: async (now) => this.refuseNewer(input, seen, now),
        send: async (now) => {
          this.refuseNewer(input, seen, now);
          return this.write(input, now, ({ properties }) => this.field.set(properties, settings), ctx);
        },
        output: (before, changed) => ({ changed, before: this.valueOf(before, input) }),
      },
      ctx,
    );
  }

  async confirm(input: FieldInput<S>, ctx: ActionContext): Promise<Confirmation> {
    const value = this.valueOf(await this.service.read(input.incidentId, ctx), input);
    const words = this.field.words(value);
    if (!this.field.isSet(value, input.settings)) {
      return { state: 'pending', status: `${input.incident} still reads as ${words}.` };
    }
    return { state: 'confirmed', proof: `${input.incident} was read back with ${words}.`, evidence: {} };
  }

  /**
   * Restores the value before, if the value is still the one that was set.
   * @throws ResponderError `undo-unclear` if it is unknown who has set it.
   */
  async undo(
    input: FieldInput<S>,
    { changed, before }: FieldOutput<V>,
    ctx: ActionContext,
  ): Promise<RunResult<unknown> | UndoSkipped> {
    const { incidentId, incident, settings } = input;
    const now = await this.service.read(incidentId, ctx);
    const value = this.valueOf(now, input);
    const words = this.field.words(value);
    if (changed === true && same(value, before)) {
      // A lost call of this undo may have done this.
      const evidence = { before: `${words}, by us or by somebody else` };
      return { state: 'requested', output: {}, evidence };
    }
    if (changed === false || !this.field.isSet(value, settings)) {
      const why = changed === false ? 'it was so before the responder' : 'somebody has changed it since';
      const reason = `${incident} was left with ${words}: ${why}.`;
      return { state: 'not-ours', reason, evidence: { now: words } };
    }
    if (changed === 'unknown') throw undoUnclear(incident, words);
    const restore = ({ properties }: ReadIncident<P>) => this.field.restore(properties, before, settings);
    const { requestId } = await this.write(input, now, restore, ctx);
    return { state: 'requested', output: {}, evidence: requestId ? { requestId } : {} };
  }

  async confirmUndo(
    input: FieldInput<S>,
    { before }: FieldOutput<V>,
    ctx: ActionContext,
  ): Promise<Confirmation> {
    const value = this.valueOf(await this.service.read(input.incidentId, ctx), input);
    const words = this.field.words(value);
    if (!same(value, before)) {
      return { state: 'pending', status: `${input.incident} still reads as ${words}.` };
    }
    const proof = `${input.incident} was read back with ${words}, as before the responder.`;
    return { state: 'confirmed', proof, evidence: {} };
  }

  private valueOf({ properties }: ReadIncident<P>, { settings }: FieldInput<S>): V {
    return this.field.get(properties, settings);
  }

  /** Writes over each newer version in which this field is the same. */
  private async write(
    input: FieldInput<S>,
    read: ReadIncident<P>,
    change: (read: ReadIncident<P>) => Partial<P>,
    ctx: ActionContext,
  ): Promise<{ readonly requestId?: string }> {
    const { incidentId, settings } = input;
    const before = this.valueOf(read, input);
    let now = read;
    for (let writes = 1; ; writes++) {
      try {
        return await this.service.write(incidentId, now, change(now), ctx);
      } catch (error) {
        if (writes === MOST_WRITES || !isConflict(error)) throw error;
        now = await this.service.read(incidentId, ctx);
        if (this.field.isSet(this.valueOf(now, input), settings)) throw error;
        this.refuseNewer(input, this.field.seen?.of(before), now);
      }
    }
  }

  private refuseNewer(input: FieldInput<S>, seen: unknown, now: ReadIncident<P>): void {
    const value = this.valueOf(now, input);
    if (seen === undefined || same(this.field.seen?.of(value), seen)) return;
    throw new ResponderError({
      code: 'changed-meanwhile',
      message: `${input.incident} was changed since this was approved, and now has ${this.field.words(value)}. Nothing was done.`,
      fault: 'caller',
      retry: 'no',
      next: 'Ask who has changed it, and decide again.',
    });
  }
}

const same = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

function isConflict(error: unknown): boolean {
  const code = error instanceof ResponderError ? error.info.code : '';
  return code === 'conflict' || code === 'precondition-failed';
}

function undoUnclear(incident: string, words: string): ResponderError {
  return new ResponderError({
    code: 'undo-unclear',
    message: `Whether the responder or somebody else gave ${incident} ${words} is unknown.`,
    fault: 'service',
    retry: 'no',
    next: 'Check the activity log of the incident, and change it by hand if it was the responder.',
  });
}
