import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Responder, type ResponderOptions } from './responder.js';

/** The shipped playbook, changed to revoke sessions without approval. */
function automaticPlaybook(rules: RegExp): string {
  const directory = mkdtempSync(join(tmpdir(), 'playbooks-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const text = readFileSync(new URL('../../playbooks/ransomware-on-device.yaml', import.meta.url), 'utf8');
  const changed = text
    .split(/(?=\n {2}- id: )/)
    .map((part) =>
      rules.test(part) ? part.replace('tier: analysts', 'tier: auto\n    unattended: true') : part,
    )
    .join('');
  writeFileSync(join(directory, 'ransomware-on-device.yaml'), changed);
  return directory;
}

async function start(rules: RegExp, options: ResponderOptions = {}): Promise<Responder> {
  const responder = await Responder.start({
    ...options,
    settings: { PLAYBOOKS_DIRECTORY: automaticPlaybook(rules) },
  });
  onTestFinished(() => responder.stop());
  return responder;
}

it('carries out at once what needs no approval, and goes on asking for the rest', async () => {
  const responder = await start(/id: revoke-sessions/);
  const request = await responder.asked(await responder.deliver());
  expect(request.approval.stepIds).toEqual([expect.stringMatching(/^isolate-workstation/)]);
  await expect
    .poll(() => responder.effects().map(({ path }) => path))
    .toEqual([expect.stringMatching(/revokeSignInSessions$/)]);
  expect((await responder.decide(request)).status).toBe(201);
  const file = await responder.ended(request.instanceId);
  expect(file.effects.map(({ action, state }) => [action, state])).toEqual([
    ['entra.revoke-sessions', 'confirmed'],
    ['defender.isolate-device', 'confirmed'],
  ]);
});

it('requests no approval when no step needs one', async () => {
  const responder = await start(/id: (?:revoke-sessions|isolate-workstation)/);
  const file = await responder.ended(await responder.deliver());
  expect(file.approvals).toEqual([]);
  expect(file.effects.map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
});

it('keeps the proof of what needed no approval when the rest expires', async () => {
  const responder = await start(/id: revoke-sessions/, { nobodyIsThere: true });
  const file = await responder.ended(await responder.deliver());
  expect(file.outcome).toBe('expired');
  expect(file.effects.map(({ action, state }) => [action, state])).toEqual([
    ['entra.revoke-sessions', 'confirmed'],
  ]);
  expect(responder.tenant().machineActions).toEqual([]);
});
