import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { actions, enrichments, responses } from '../../src/actions/registry.generated.js';
import type { Service } from '../../src/actions/service.js';
import { apis, services } from '../../src/actions/services.js';
import { durationMs } from '../../src/domain/duration.js';
import { catalogueOf } from '../../src/playbook/index.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The actions of the folders: `defender/device.ts` is `defender.device`. */
function actionsOfFolders(): string[] {
  const folders = readdirSync(`${root}src/actions`, { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  return folders.flatMap(({ name: service }) =>
    readdirSync(`${root}src/actions/${service}`)
      .filter((file) => file.endsWith('.ts') && file !== 'service.ts')
      .map((file) => `${service}.${file.replace(/\.ts$/, '')}`),
  );
}

describe('the registry', () => {
  it('holds every file of the services, named like its action', () => {
    expect(actions.map(({ name }) => name).sort()).toEqual(actionsOfFolders().sort());
  });

  it('names each action once', () => {
    expect(new Set(actions.map(({ name }) => name)).size).toBe(actions.length);
  });

  it('uses all names that the services declare, and each is declared once', () => {
    const declared = Object.values<Service>(services);
    const quotas = declared.flatMap((service) => Object.keys(service.quotas));
    expect([...new Set(actions.map(({ quota }) => quota))].sort()).toEqual(quotas.sort());
    const permissions = declared.flatMap((service) =>
      Object.entries(service.permissions).flatMap(([api, names]) => names.map((name) => `${api} ${name}`)),
    );
    const used = actions.flatMap((action) => action.permissions.map(({ api, name }) => `${api} ${name}`));
    expect([...new Set(used)].sort()).toEqual(permissions.sort());
    const clients = declared.flatMap((service) => Object.keys(service.apis));
    expect(clients).toHaveLength(Object.keys(apis).length);
  });

  it('fits the catalogue that playbooks are checked against', () => {
    const catalogue = catalogueOf(actions);
    expect(catalogue.enrichments.size).toBe(enrichments.length);
    expect([...catalogue.responses.keys()]).not.toContain('sentinel.comment');
  });

  it('is fresh, and so is what is generated from it', () => {
    const check = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });
});

describe.each(actions.map((action) => [action.name, action] as const))('%s', (_name, action) => {
  it('says which call of the service it makes', () => {
    expect(action.docs).toMatch(/^https:\/\/learn\.microsoft\.com\/(?![a-z]{2}-[a-z]{2}\/)\S+$/);
    expect(action.title).toMatch(/^[A-Z].*[^.]$/);
  });

  it('declares the permissions that it needs, and why', () => {
    expect(action.permissions.length).toBeGreaterThan(0);
    for (const permission of action.permissions) {
      expect(permission.name).not.toBe('');
      expect(permission.why).toMatch(/^[a-z].*[^.]$/);
    }
  });

  it('has objects as input and output', () => {
    const input = action.kind === 'response' ? action.input : action.resolver.query;
    expect(z.toJSONSchema(input)).toMatchObject({ type: 'object' });
    expect(z.toJSONSchema(action.output)).toMatchObject({ type: 'object' });
    expect(input.safeParse({}).success).toBe(false);
  });
});

describe.each(responses.map((response) => [response.name, response] as const))('%s', (_name, response) => {
  it('describes to the approver its effect, and how it is undone or why it cannot be', () => {
    expect(response.impact).toMatch(/^[A-Z].*\.$/);
    const words = 'irreversible' in response.undo ? response.undo.irreversible : response.undo.describe;
    expect(words).toMatch(/^[A-Z].*\.$/);
  });

  it('has an undo if its risk is "reversible", and captures the state that an undo restores', () => {
    const canBeUndone = !('irreversible' in response.undo);
    if (response.risk === 'reversible') expect(canBeUndone).toBe(true);
    if (canBeUndone) expect(response.captures).not.toEqual([]);
    const { properties } = z.toJSONSchema(response.output) as { properties: Record<string, unknown> };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...response.captures]));
  });

  it('says how long its effect may take', () => {
    expect(durationMs(response.takesUpTo)).toBeGreaterThan(0);
  });
});
