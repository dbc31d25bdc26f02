import { expect, it, onTestFinished } from 'vitest';
import { Responder } from './responder.js';

it('has no approvals without a simulated tenant, and says why', async () => {
  const responder = await Responder.start({ settings: { SIMULATED_TENANT_URL: '' } });
  onTestFinished(() => responder.stop());
  for (const path of ['/api/approvals', '/api/incidents', `/api/approvals/incident-${'0'.repeat(40)}`]) {
    const { status, json } = await responder.call('GET', path);
    expect([status, json.code]).toEqual([501, 'sign-in-not-available']);
    expect(json.detail).toContain('real tenant');
  }
  const page = await responder.call('GET', '/api/approvals/page');
  expect([page.status, page.text.includes('real tenant')]).toEqual([501, true]);
});

it('has no approvals without a sign-in secret', async () => {
  const responder = await Responder.start({ settings: { LOCAL_SIGN_IN_SECRET: '' } });
  onTestFinished(() => responder.stop());
  const { status, json } = await responder.call('GET', '/api/approvals');
  expect([status, json.code]).toEqual([501, 'sign-in-not-available']);
});

it.each([
  [{ SENTINEL_WORKSPACE_ID: 'law-soc' }, /SENTINEL_WORKSPACE_ID is not a GUID/],
  [{ LOCAL_SIGN_IN_SECRET: 'short' }, /LOCAL_SIGN_IN_SECRET is shorter/],
  [{ PLAYBOOKS_DIRECTORY: '/nowhere/at/all' }, /no readable folder .*nowhere/],
])('does not start with wrong settings: %o', async (settings, message) => {
  await expect(Responder.start({ settings })).rejects.toThrow(message);
});
