import { z } from 'zod';
import { type ApiPath, armId, path } from '../../domain/builders/path.js';
import { ResponderError } from '../../domain/errors.js';
import { changeState } from '../change-state.js';
import { type ActionContext, defineResponse } from '../define.js';
import { uuidOf } from '../hash.js';
import { sentinelIncidentResolver } from './incidents/incidents.js';

const API_VERSION = '2025-09-01';
/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const MOST_TASKS = 40;
/** A fixed namespace for the name-based UUIDs of tasks. */
const NAMESPACE = '0b6a8f52-43d1-4c1e-9a37-5f2f6f3f9d10';

const settings = z.strictObject({
  title: z.string().trim().min(1).max(150).describe('What is to be done'),
  description: z.string().trim().min(1).max(3_000).optional().describe('How, as plain text'),
});
type Chosen = z.infer<typeof settings>;

const inputSchema = z.object({
  incidentId: z.string().min(1),
  incident: z.string().describe('Its name for people'),
  settings,
});
type Input = z.infer<typeof inputSchema>;

const taskSchema = z.looseObject({
  etag: z.string().nullish(),
  properties: z.looseObject({
    title: z.string(),
    description: z.string().nullish(),
    status: z.string(),
  }),
});
const listSchema = z.looseObject({
  value: z.array(z.looseObject({ name: z.string() })),
  nextLink: z.string().nullish(),
});
interface Task extends Required<Pick<Chosen, 'title'>> {
  readonly description: string | null;
  readonly status: string;
  readonly etag: string | undefined;
}

/** Adds a task to the incident, once: its id is derived from the incident and the title. */
export default defineResponse({
  name: 'sentinel.add-task',
  title: 'Add a task to the incident',
  docs: 'https://learn.microsoft.com/rest/api/securityinsights/incident-tasks/create-or-update',
  entity: 'incident',
  input: inputSchema,
  settings: {
    schema: settings,
    title: ({ title }: Chosen) => `Add the task “${title}”`,
    variant: ({ title }: Chosen) => title,
  },
  output: z.object({
    taskId: z.string(),
    changed: z
      .union([z.boolean(), z.literal('unknown')])
      .describe('This action added it; false: it was there; unknown: this action or an earlier one did'),
    before: z.enum(['absent', 'present']).describe('Whether the incident had the task'),
  }),
  permissions: [
    {
      api: 'Azure RBAC',
      name: 'Microsoft Sentinel Responder',
      why: 'read and write the tasks of incidents',
    },
  ],
  quota: 'arm-writes',
  calls: 4,
  risk: 'safe',
  impact: 'Analysts see one more task on the incident.',
  takesUpTo: '5m',
  idempotent: true,
  captures: ['before'],
  target: {
    resolver: sentinelIncidentResolver,
    accept: (_found, record) => ({
      ok: true,
      input: { incidentId: record.id, incident: record.name } as Input,
    }),
  },
  async run(input, ctx) {
    const taskId = await idOf(input);
    const where = pathOf(input, taskId);
    return changeState<
      Task | undefined,
      { taskId: string; changed: boolean | 'unknown'; before: 'absent' | 'present' }
    >(
      {
        read: () => read(where, ctx),
        isInForce: (task) => task !== undefined,
        words: (task) => (task === undefined ? 'no such task' : `the task “${task.title}”`),
        check: () => refuseFull(input, ctx),
        send: () => {
          const { title, description } = input.settings;
          const properties = { title, ...(description === undefined ? {} : { description }), status: 'New' };
          return ctx.clients.arm.put(where, { properties }, z.unknown(), { signal: ctx.signal });
        },
        output: (before, changed) => ({
          taskId,
          changed,
          before: before === undefined ? 'absent' : 'present',
        }),
      },
      ctx,
    );
  },
  async confirm(input, { taskId }, ctx) {
    const task = await read(pathOf(input, taskId), ctx);
    if (task === undefined) return { state: 'pending', status: `${input.incident} has no task ${taskId}.` };
    const proof = `The task “${task.title}” of ${input.incident} was read back; its status is ${task.status}.`;
    return { state: 'confirmed', proof, evidence: { taskId } };
  },
  undo: {
    describe: 'Removes the task, if the responder added it and no one has worked on it.',
    async run(input, { taskId, changed }, ctx) {
      const where = pathOf(input, taskId);
      const task = await read(where, ctx);
      if (task === undefined) {
        return { state: 'requested', output: {}, evidence: { before: 'removed, by us or by somebody else' } };
      }
      // Its id is the responder's own: an earlier call has added it.
      if (changed === false || !isUntouched(task, input.settings)) {
        const why = changed === false ? 'it was there before' : 'somebody has worked on it';
        const reason = `The task “${task.title}” of ${input.incident} was left as it is: ${why}.`;
        return { state: 'not-ours', reason, evidence: { status: task.status } };
      }
      const { signal } = ctx;
      const options = { signal, ...(task.etag === undefined ? {} : { ifMatch: task.etag }) };
      const { requestId } = await ctx.clients.arm.delete(where, options);
      return { state: 'requested', output: {}, evidence: requestId ? { requestId } : {} };
    },
    async confirm(input, { taskId }, ctx) {
      const task = await read(pathOf(input, taskId), ctx);
      if (task !== undefined) return { state: 'pending', status: `${input.incident} still has the task.` };
      const proof = `${input.incident} was read back without the task ${taskId}.`;
      return { state: 'confirmed', proof, evidence: { taskId } };
    },
  },
});

const idOf = ({ incidentId, settings: { title } }: Input) => uuidOf(NAMESPACE, `${incidentId}|${title}`);

function pathOf({ incidentId }: Input, taskId: string): ApiPath {
  return path`${armId(incidentId)}/tasks/${taskId}?api-version=${API_VERSION}`;
}

async function read(where: ApiPath, { clients, signal }: ActionContext): Promise<Task | undefined> {
  try {
    const { body, etag } = await clients.arm.get(where, taskSchema, { signal });
    const { title, description, status } = body.properties;
    return { title, description: description ?? null, status, etag: body.etag ?? etag };
  } catch (error) {
    if (error instanceof ResponderError && error.info.code === 'not-found') return undefined;
    throw error;
  }
}

const isUntouched = (task: Task, { title, description }: Chosen): boolean =>
  task.status === 'New' && task.title === title && task.description === (description ?? null);

/** Sentinel refuses the request then, and does not say why. */
async function refuseFull({ incidentId, incident }: Input, ctx: ActionContext): Promise<void> {
  const where = path`${armId(incidentId)}/tasks?api-version=${API_VERSION}`;
  const { body } = await ctx.clients.arm.get(where, listSchema, { signal: ctx.signal });
  if (!body.nextLink && body.value.length < MOST_TASKS) return;
  throw new ResponderError({
    code: 'too-many-tasks',
    message: `${incident} has ${MOST_TASKS} tasks, and Sentinel takes no more. Nothing was done.`,
    fault: 'caller',
    retry: 'no',
    next: 'Complete or remove tasks of the incident.',
  });
}
