/** For each check of the contract a faulty action: if the suite passes it, the check is worth nothing. */
import { z } from 'zod';
import isolate from '../../../src/actions/defender/isolate-device.js';
import scan from '../../../src/actions/defender/run-antivirus-scan.js';
import tag from '../../../src/actions/defender/tag-device.js';
import vulnerabilities from '../../../src/actions/defender/vulnerabilities.js';
import type { ActionContext, Enrichment, Permission, Response } from '../../../src/actions/define.js';
import disable from '../../../src/actions/entra/disable-user.js';
import comment from '../../../src/actions/sentinel/comment.js';
import { path } from '../../../src/domain/builders/path.js';
import type { TargetRecord } from '../../../src/domain/target.js';
import { roundTrips } from './act.js';
import { caseOf, type EnrichmentCase, type ResponseCase } from './case.js';

export interface PlantedResponse {
  /** The check that must fail. */
  readonly check: string;
  readonly fault: string;
  /** The assertion that must fail. */
  readonly says: string;
  readonly action: Response;
  readonly given: ResponseCase;
}
export interface PlantedEnrichment {
  readonly check: string;
  readonly fault: string;
  readonly says: string;
  readonly action: Enrichment;
  readonly given: EnrichmentCase;
}

type Run = Response['run'];
type Result = Awaited<ReturnType<Run>>;

const inVain: Permission = { api: 'WindowsDefenderATP', name: 'Vulnerability.Read.All', why: 'do nothing' };

/** A response with some of its parts replaced. */
function planted<I, O>(
  check: string,
  fault: string,
  says: string,
  sound: Response<I, O>,
  change: (sound: Response) => Partial<Response>,
): PlantedResponse {
  const base = sound as unknown as Response;
  return { check, fault, says, action: { ...base, ...change(base) }, given: caseOf(base) };
}

const requested = (result: Result): Result => ({ ...result, state: 'requested' }) as Result;

/** Sends the isolation without looking. */
const blindly: Run = async (input, ctx) => {
  const { machineId, device } = z.object({ machineId: z.string(), device: z.string() }).parse(input);
  const sent = await ctx.clients.defender.post(
    path`/api/machines/${machineId}/isolate`,
    { Comment: 'at once', IsolationType: 'Full' },
    z.looseObject({ id: z.string() }),
    { signal: ctx.signal },
  );
  const output = {
    machineId,
    device,
    machineActionId: sent.body.id,
    initiatedByUs: true,
    before: 'not-isolated',
  };
  return { state: 'requested', output, evidence: {}, began: true };
};

/** Takes every failure for a success. */
const swallowing =
  (run: Run, output: unknown): Run =>
  async (input, ctx) => {
    try {
      return await run(input, ctx);
    } catch {
      return { state: 'requested', output, evidence: {} };
    }
  };
const ISOLATED = {
  machineId: 'x',
  device: 'x',
  machineActionId: 'x',
  initiatedByUs: true,
  before: 'not-isolated',
};

/** Fails with another error than the client's. */
const renaming =
  (run: Run): Run =>
  async (input, ctx) => {
    try {
      return await run(input, ctx);
    } catch {
      throw new Error('It did not work.');
    }
  };

const confirmedAtOnce: Response['confirm'] = () =>
  Promise.resolve({ state: 'confirmed', proof: 'It was accepted.', evidence: {} });

const undoOf = ({ undo }: Response) => {
  if ('irreversible' in undo) throw new Error('It has no undo.');
  return undo;
};

export const plantedResponses: readonly PlantedResponse[] = [
  planted('input', 'takes any input', 'expected true to be false', isolate, () => ({ input: z.any() })),
  planted('permissions', 'declares too few', 'with 403 Forbidden', isolate, ({ permissions }) => ({
    permissions: permissions.slice(0, 1),
  })),
  planted('needed', 'declares one in vain', 'It is declared and not needed', isolate, ({ permissions }) => ({
    permissions: [...permissions, inVain],
  })),
  planted('calls', 'declares fewer calls than it makes', 'to be', isolate, () => ({ calls: 1 })),
  planted('calls', 'captures nothing of what it declares', 'to have property "state"', isolate, () => ({
    captures: ['state'],
  })),
  planted('disagree', 'looks at the first identifier only', 'expected { ok: true', isolate, ({ target }) => ({
    ...(target && {
      target: {
        ...target,
        resolver: {
          ...target.resolver,
          resolve: (query: unknown, ctx: ActionContext) =>
            target.resolver.read((query as { mdeId: string }).mdeId, ctx),
        },
      },
    }),
  })),
  planted(
    'changed',
    'compares nothing with the approved record',
    'expected { ok: true',
    isolate,
    ({ target }) => ({
      ...(target && {
        target: {
          ...target,
          accept: (found: unknown, record: TargetRecord, ctx: ActionContext) =>
            target.accept(found, { ...record, name: record.name.replace(/^not-/, '') }, ctx),
          resolver: {
            ...target.resolver,
            read: async (id: string, ctx: ActionContext) => {
              const found = await target.resolver.read(id, ctx);
              return found.ok
                ? { ...found, record: { ...found.record, name: `not-${found.record.name}` } }
                : found;
            },
          },
        },
      }),
    }),
  ),
  planted('effect', 'sends a second write', 'to have a length of 1 but got 2', tag, ({ run }) => ({
    async run(input, ctx) {
      const result = await run(input, ctx);
      if (result.state === 'requested') await addTag(input, ctx);
      return result;
    },
  })),
  planted(
    'accepted',
    'takes the answer for the effect',
    "expected 'confirmed' not to be 'confirmed'",
    isolate,
    () => ({ confirm: confirmedAtOnce }),
  ),
  planted('again', 'does not look before it acts', 'expected { ok: false', isolate, () => ({ run: blindly })),
  planted(
    'crash',
    'takes its own effect for that of others',
    'Its call was repeated after a crash',
    tag,
    ({ run }) => ({
      async run(input, ctx) {
        const result = await run(input, ctx);
        const isUnclear = Object(result.output).changed === 'unknown';
        return isUnclear ? ({ ...result, state: 'already-done' } as Result) : result;
      },
    }),
  ),
  planted('lost answer', 'sends again without looking', 'expected { ok: false', isolate, () => ({
    run: blindly,
  })),
  planted(
    'lost request',
    'takes a lost request for a done one',
    'expected { ok: true',
    isolate,
    ({ run }) => ({
      run: swallowing(run, ISOLATED),
    }),
  ),
  planted('refused', 'hides what the service answers', 'expected { ok: false', isolate, ({ run }) => ({
    run: renaming(run),
  })),
  planted('conflict', 'hides a conflict', "expected { code: 'unexpected'", disable, ({ run }) => ({
    run: renaming(run),
  })),
  planted(
    'conflict',
    'claims an effect in spite of a conflict',
    "expected 'unread' to be 'confirmed'",
    isolate,
    ({ run }) => ({
      run: swallowing(run, ISOLATED),
    }),
  ),
  planted('retry after', 'hides how long to wait', 'expected { ok: false', isolate, ({ run }) => ({
    run: renaming(run),
  })),
  planted('time-out', 'does not wait for the answer', 'expected { ok: true', isolate, () => ({
    run: (input, ctx) =>
      Promise.race([
        blindly(input, ctx),
        roundTrips(ctx.clients, 10).then(() => ({
          state: 'requested' as const,
          output: ISOLATED,
          evidence: {},
        })),
      ]),
  })),
  planted('unreadable', 'acts although it cannot read', 'expected { ok: true', isolate, () => ({
    run: blindly,
  })),
  planted('undo', 'undoes nothing', 'expected { ok: true', isolate, (sound) => ({
    undo: { ...undoOf(sound), run: () => Promise.resolve({ state: 'requested', output: {}, evidence: {} }) },
  })),
  planted('restored', 'leaves a tag behind', 'to be', tag, (sound) => ({
    undo: {
      ...undoOf(sound),
      run: () => Promise.resolve({ state: 'requested', output: {}, evidence: {} }),
      confirm: confirmedAtOnce as never,
    },
  })),
  planted('others', 'takes the effect of others for its own', 'expected { ok: true', isolate, ({ run }) => ({
    run: async (input, ctx) => requested(await run(input, ctx)),
  })),
  planted(
    'dry run',
    'goes on after the dry run has stopped it',
    'expected { ok: true',
    isolate,
    ({ run }) => ({
      run: swallowing(run, ISOLATED),
    }),
  ),
  planted(
    'sent twice',
    'declares that a second scan has no effect',
    'It declares `idempotent: true`',
    scan,
    () => ({ idempotent: true }),
  ),
  planted(
    'sent twice',
    'declares that a second comment is another one',
    'It declares `idempotent: false`',
    comment,
    () => ({
      idempotent: false,
    }),
  ),
  planted('secrets', 'writes a token down', 'not to match /made-up-secret', isolate, ({ run }) => ({
    run: async (input, ctx) =>
      ({ ...(await run(input, ctx)), evidence: { sent: 'Bearer eyJhbGciOi' } }) as Result,
  })),
];

async function addTag(input: unknown, ctx: ActionContext): Promise<void> {
  const { machineId } = z.looseObject({ machineId: z.string() }).parse(input);
  const body = { Value: 'Another', Action: 'Add' };
  const { signal } = ctx;
  await ctx.clients.defender.post(path`/api/machines/${machineId}/tags`, body, z.unknown(), { signal });
}

function plantedRead<R, O>(
  check: string,
  fault: string,
  says: string,
  sound: Enrichment<R, O, 'host'>,
  change: (sound: Enrichment) => Partial<Enrichment>,
): PlantedEnrichment {
  const one = sound as unknown as Enrichment;
  return { check, fault, says, action: { ...one, ...change(one) }, given: caseOf(one) };
}

/** Zero instead of unknown. */
const harmless =
  (run: Enrichment['run']): Enrichment['run'] =>
  (found, ctx) =>
    run(found, ctx).catch(() => NOTHING_FOUND);
const NOTHING_FOUND = {
  machineId: 'x',
  total: 0,
  critical: 0,
  high: 0,
  exploitable: 0,
  worst: [],
  complete: true,
};

export const plantedEnrichments: readonly PlantedEnrichment[] = [
  plantedRead('input', 'takes any query', 'expected true to be false', vulnerabilities, ({ resolver }) => ({
    resolver: { ...resolver, query: z.any() },
  })),
  plantedRead(
    'permissions',
    'declares too few',
    'with 403 Forbidden',
    vulnerabilities,
    ({ permissions }) => ({
      permissions: permissions.slice(0, 1),
    }),
  ),
  plantedRead(
    'needed',
    'declares one in vain',
    'It is declared and not needed',
    vulnerabilities,
    ({ permissions }) => ({
      permissions: [...permissions, { ...inVain, name: 'Machine.Scan' }],
    }),
  ),
  plantedRead('calls', 'declares fewer calls than it makes', 'to be', vulnerabilities, () => ({ calls: 0 })),
  plantedRead(
    'disagree',
    'looks at the first identifier only',
    'expected { ok: true',
    vulnerabilities,
    ({ resolver }) => ({
      resolver: {
        ...resolver,
        resolve: (query, ctx) => resolver.read((query as { mdeId: string }).mdeId, ctx),
      },
    }),
  ),
  ...(['refused', 'retry after', 'broken answer'] as const).map((check) =>
    plantedRead(
      check,
      'returns zero when it cannot read',
      'expected { ok: true',
      vulnerabilities,
      ({ run }) => ({
        run: harmless(run),
      }),
    ),
  ),
  plantedRead(
    'time-out',
    'does not wait for the answer',
    'expected { ok: true',
    vulnerabilities,
    ({ run }) => ({
      run: (found, ctx) =>
        Promise.race([run(found, ctx), roundTrips(ctx.clients, 10).then(() => NOTHING_FOUND)]),
    }),
  ),
  plantedRead('missing', 'remembers the last record', 'to not deeply equal', vulnerabilities, ({ run }) => {
    const last: unknown[] = [];
    return {
      async run(found, ctx) {
        try {
          last.push(await run(found, ctx));
        } catch (error) {
          if (last.length === 0) throw error;
        }
        return last.at(-1);
      },
    };
  }),
  plantedRead(
    'secrets',
    'writes a token down',
    'not to match /made-up-secret',
    vulnerabilities,
    ({ run, output }) => ({
      output: (output as z.ZodObject).extend({ note: z.string() }),
      run: async (found, ctx) => ({ ...Object(await run(found, ctx)), note: 'Bearer eyJhbGciOi' }),
    }),
  ),
];
