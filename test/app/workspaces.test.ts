/** An incident of a workspace that is not configured is rejected by name, and accepted once the workspace is configured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Analyst, Responder, readEvent, START, WORKSPACE } from './responder.js';

const workspaces = (...ids: string[]) => ({ SENTINEL_WORKSPACES: JSON.stringify(ids.map((id) => ({ id }))) });

it('rejects incidents of other workspaces, and accepts them after the setting names theirs', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workspaces-'));
  const settings: Record<string, string> = workspaces(
    `${WORKSPACE}-2`,
    WORKSPACE.slice(0, -1),
    WORKSPACE.replace('rg-soc', 'rg-other'),
  );
  const responder = await Responder.start({ dataDirectory, settings });
  onTestFinished(async () => {
    await responder.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const post = (body: unknown) => responder.call('POST', '/api/incidents', body);
  // With the function key alone: no person is known as the submitter.
  const refused = await responder.fetch('/api/incidents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(readEvent()),
  });
  expect([refused.status, refused.json.code]).toEqual([422, 'unknown-workspace']);
  const [id = ''] = refused.json.kept as string[];
  const several = await post([{ hello: 'world' }, { ...readEvent(), more: 1 }]);
  expect(several.json).toMatchObject({
    status: 422,
    results: [{ code: 'unknown-shape' }, { code: 'unknown-workspace' }],
  });
  expect((await responder.call('GET', '/api/incidents')).json.incidents).toEqual([]);
  // Letter case does not matter in ARM ids. Virtual time stops: a sweep must not deliver the incident first.
  const goOn = responder.hold();
  await responder.restart(() =>
    Object.assign(settings, workspaces(WORKSPACE.toUpperCase().replace('/SUB', '/sub'))),
  );
  const resubmit = (by: Analyst, which = id) =>
    responder.call('POST', `/api/rejected/${which}/resubmit`, undefined, { by });
  expect((await resubmit('Robin Keller')).json.results).toMatchObject([{ status: 'accepted' }]);
  expect((await responder.call('GET', `/api/rejected/${id}`)).json.state).toBe('resubmitted');
  expect((await resubmit('Robin Keller')).json.results).toMatchObject([{ status: 'duplicate' }]);
  const [, ofPerson = ''] = several.json.kept as string[];
  expect((await resubmit('Kim Larsen', ofPerson)).json.results).toMatchObject([{ status: 'duplicate' }]);
  goOn();
  const request = await responder.asked(String((await post(readEvent())).json.instanceId));
  // The analyst who submits it again is a submitter, beside the person who sent it.
  expect(request.approval).toMatchObject({ submission: { by: { name: 'Robin Keller' } } });
  for (const by of ['Robin Keller', 'Kim Larsen', 'Local analyst'] as const)
    expect((await responder.decide(request, { by })).json.code, by).toBe('own-incident');
});

it('keeps a request open while the settings do not name its workspace', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workspaces-'));
  const settings: Record<string, string> = workspaces(WORKSPACE);
  const responder = await Responder.start({ dataDirectory, settings });
  onTestFinished(async () => {
    await responder.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const request = await responder.asked(await responder.deliver());
  const { instanceId } = request;
  const goOn = responder.hold();
  await responder.restart(() => Object.assign(settings, workspaces(`${WORKSPACE}-2`)));
  // The request is reminded of, and escalated, meanwhile.
  const later = responder.at(responder.now() - START + 3 * 3_600_000, async () => {
    const file = await responder.caseFile(instanceId);
    expect(file?.approvals[0]).toMatchObject({ state: 'waiting' });
    expect(file?.approvals[0]?.escalations).toHaveLength(1);
    // A decision waits, too: it is evaluated once the settings name the workspace again.
    await responder.decide(await responder.request(request.approval.id), { pending: true });
    await responder.restart(() => Object.assign(settings, workspaces(WORKSPACE)));
  });
  responder.leave();
  goOn();
  await later;
  const done = await responder.ended(instanceId);
  expect(done.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
});
