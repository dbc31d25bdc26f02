import { expect, it } from 'vitest';
import { type CurrentRun, deliveryIdOf } from '../../src/app/deliver-again.js';
import type { Instance } from '../../src/app/incident-instances.js';
import { acceptDelivery, type IntakeInstances } from '../../src/app/intake.js';
import { retryIncident } from '../../src/app/retry-incident.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { type IncidentDelivery, recogniseDeliveries } from '../../src/intake/index.js';
import { readEvent } from './responder.js';

const [delivery] = recogniseDeliveries(readEvent());
const accept = (one: IntakeInstances) =>
  acceptDelivery(delivery as IncidentDelivery, 'service-bus', one, { pauses: [1, 1, 1] });

/** A fake task hub that fails some calls. */
function hub(failures: number, loseAnswers = false) {
  const started: string[] = [];
  let calls = 0;
  return {
    started,
    find: async (instanceId: string) =>
      started.includes(instanceId) ? ({ instanceId, runtimeStatus: 'Running' } as never) : undefined,
    start: async (instanceId: string) => {
      calls += 1;
      if (calls > failures || loseAnswers) started.push(instanceId);
      if (calls <= failures) throw new Error('the hub does not answer');
    },
    current: async () => ({
      generation: 1,
      file: undefined,
      deliveries: [deliveryIdOf(delivery as IncidentDelivery) ?? ''],
    }),
    update: async () => {},
    noteOver: async () => {},
    noteExcluded: async () => {},
    ownerOf: async () => undefined,
    claim: async () => {},
  };
}

it('tries again when the hub does not answer', async () => {
  const one = hub(1);
  expect(await accept(one)).toMatchObject({ kind: 'accepted' });
  expect(one.started).toHaveLength(1);
});

it('takes its own start for done when only the answer was lost', async () => {
  const one = hub(1, true);
  expect(await accept(one)).toMatchObject({ kind: 'duplicate' });
  expect(one.started).toHaveLength(1);
});

it('throws in the end, so the message is redelivered', async () => {
  const refused = accept(hub(9));
  await expect(refused).rejects.toThrow('does not answer');
  // An activity repeats it.
  await expect(refused).rejects.toMatchObject({ info: { retry: 'later' } });
});

const KEY = (delivery as IncidentDelivery).instanceId;
/** A fake task hub with an instance that was found once, and what is found after that. */
function changing(first: Partial<Instance>, then: Partial<Instance>, files: readonly Partial<CaseFile>[]) {
  const sent: string[] = [];
  const started: string[] = [];
  let finds = 0;
  let reads = 0;
  return {
    sent,
    started,
    find: async () => {
      finds += 1;
      return {
        instanceId: KEY,
        lastUpdatedAt: new Date().toISOString(),
        ...(finds === 1 ? first : then),
      } as Instance;
    },
    current: async (): Promise<CurrentRun & { generation: number }> => {
      const file = files[Math.min(reads, files.length - 1)] as CaseFile;
      reads += 1;
      return { generation: 1, file, deliveries: [] };
    },
    start: async (instanceId: string) => void started.push(instanceId),
    update: async (_: unknown, { id }: { readonly id: string }) => void sent.push(id),
    noteOver: async () => {},
    noteExcluded: async () => {},
    ownerOf: async () => undefined,
    claim: async () => {},
  };
}
const status = { generation: 1, revision: 3 } as NonNullable<Instance['status']>;
const unreadable = { outcome: 'needs-analyst', unfinished: 'unreadable' } as const;
const open: Partial<CaseFile> = { stage: 'awaiting-approval', revision: 3, timeline: [] };
const over: Partial<CaseFile> = { stage: 'ended', revision: 4, ...unreadable, timeline: [] };

it('begins the next run if the run ended while an update was on its way', async () => {
  const ended = { runtimeStatus: 'Completed', status: { ...status, revision: 4, ...unreadable } };
  const one = changing({ runtimeStatus: 'Running', status }, ended, [open, over]);
  expect(await accept(one)).toMatchObject({ kind: 'restarted' });
  expect([one.sent.length, one.started.length]).toEqual([1, 1]);
});

it('sends an update again if it went to a run before this one', async () => {
  const running = { runtimeStatus: 'Running', status };
  const one = changing({ ...running, createdAt: 'first' }, { ...running, createdAt: 'second' }, [open]);
  expect(await accept(one)).toMatchObject({ kind: 'updated' });
  expect(one.sent).toHaveLength(2);
  expect(new Set(one.sent).size).toBe(1);
});

it('tells an analyst that a retry came too late', async () => {
  const running = { runtimeStatus: 'Running', status: { ...status, revision: 4, ...unreadable } };
  const one = changing(running, { ...running, runtimeStatus: 'Completed' }, [over]);
  expect(await retryIncident(one as never, KEY, { by: { id: 'a', name: 'An analyst' } })).toBe('busy');
});

it('waits for the last updates of the case file before it begins the next run', async () => {
  const ended = { runtimeStatus: 'Completed', status: { ...status, revision: 4, ...unreadable } };
  const one = changing(ended, ended, [open, open, over]);
  expect(await accept(one)).toMatchObject({ kind: 'restarted' });
  expect(one.started).toHaveLength(1);
  const stays = changing(ended, ended, [open]);
  // They may be late for long: the delivery is not kept back by them.
  expect(await accept(stays)).toMatchObject({ kind: 'restarted' });
  expect(await retryIncident(stays as never, KEY, { by: { id: 'a', name: 'An analyst' } })).toBe('busy');
  // An update that is lost does not keep the incident back for good.
  const long = { ...ended, lastUpdatedAt: new Date(Date.now() - 600_000).toISOString() };
  const lost = changing(long, long, [{ ...over, revision: 3 }]);
  expect(await accept(lost)).toMatchObject({ kind: 'restarted' });
});
