/** A restart or backlog during enrichments loses none of them, with activities redelivered as late as on Azure. */
import { virtualClock } from 'functions-emulator';
import { expect, it, onTestFinished } from 'vitest';
import { crashImages } from '../../packages/functions-emulator/test/durable/crash-image.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { Responder, type ResponderOptions, readEvent, START, type Tenant, until } from './responder.js';

const SECOND = 1000;
const INCIDENTS = 60;

async function start(options: ResponderOptions = {}): Promise<Responder> {
  const responder = await Responder.start(options);
  onTestFinished(() => responder.stop());
  return responder;
}

/** The findings, and the proposed steps. */
function known({ findings, plan }: CaseFile) {
  return {
    findings: findings.map(({ as, entityKey, status }) => `${as} ${entityKey} ${status}`).sort(),
    steps: plan?.steps.map(({ id }) => id),
  };
}
async function planned(responder: Responder, id: string): Promise<CaseFile> {
  return until(`the plan of ${id}`, async () => {
    const file = await responder.caseFile(id);
    return file?.plan === undefined && file?.outcome === undefined ? undefined : file;
  });
}
async function undisturbed() {
  const responder = await start();
  const file = await planned(responder, await responder.deliver());
  expect(known(file).steps).toHaveLength(2);
  return known(file);
}

it.each([
  ['killed', 10],
  ['killed, and down for a quarter of an hour', 900],
  ['stopped', 1],
  ['stopped, and down for two minutes', 120],
])('when the host is %s while enrichments run', async (how, awaySeconds) => {
  const images = crashImages();
  let image = '';
  let isRunning = () => {};
  const running = new Promise<void>((resolve) => {
    isRunning = resolve;
  });
  const first = await start({
    dataDirectory: images.dataDirectory,
    introspection: {
      onActivity: ({ name }) => {
        if (name !== 'enrich') return undefined;
        image ||= images.take();
        isRunning();
        return how.startsWith('killed') ? undefined : { kind: 'delay', ms: 3_600_000 };
      },
    },
  });
  const id = await first.deliver();
  await running;
  if (how.startsWith('stopped')) await first.host.stop();
  const clock = virtualClock(START + awaySeconds * SECOND);
  const dataDirectory = how.startsWith('killed') ? image : images.dataDirectory;
  const next = await start({ dataDirectory, clock });
  expect(known(await planned(next, id))).toEqual(await undisturbed());
});

it.each([1, 2, 4])('when their worker dies %i times', async (times) => {
  let deaths = 0;
  const responder = await start({
    introspection: {
      onActivity: ({ name }) =>
        name === 'enrich' && ++deaths <= times
          ? { kind: 'fail', message: 'node exited with code 137' }
          : undefined,
    },
  });
  const file = await planned(responder, await responder.deliver());
  expect(known(file)).toEqual(await undisturbed());
});

it('when one of them takes the worker with it each time', async () => {
  const responder = await start({
    introspection: {
      onActivity: ({ name, input }) =>
        name === 'enrich' && JSON.stringify(input).includes('"as":"file"')
          ? { kind: 'fail', message: 'node exited with code 137' }
          : undefined,
    },
  });
  const file = await planned(responder, await responder.deliver());
  const lost = file.findings.filter(({ status }) => status === 'failed').map(({ as }) => as);
  expect(lost).toContain('file');
  expect(known(file).steps).toEqual((await undisturbed()).steps);
});

it(`when ${INCIDENTS} incidents come at once and each has to wait for minutes`, async () => {
  const name = (n: number) => `00000000-0000-4000-8000-0000000${(30_000 + n).toString()}`;
  const responder = await start({
    nobodyIsThere: true,
    change: (tenant: Tenant) => {
      const [incident] = tenant.incidents;
      if (incident === undefined) throw new Error('no incident');
      tenant.incidents = Array.from({ length: INCIDENTS }, (_, n) => ({
        ...incident,
        name: name(n),
        properties: { ...incident.properties, providerIncidentId: String(30_000 + n) },
      }));
    },
    introspection: {
      onActivity: ({ name: activity }) =>
        activity === 'enrich' ? { kind: 'delay', ms: 100_000 } : undefined,
    },
  });
  const event = JSON.stringify(readEvent());
  const ids = await Promise.all(
    Array.from({ length: INCIDENTS }, (_, n) =>
      responder.deliver(JSON.parse(event.replaceAll('00000000-0000-4000-8000-000000002001', name(n)))),
    ),
  );
  expect(new Set(ids).size).toBe(INCIDENTS);
  const expected = await undisturbed();
  for (const id of ids) expect(known(await planned(responder, id))).toEqual(expected);
}, 600_000);
