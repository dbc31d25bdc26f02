import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureSettings } from '../../src/cli/azure-configuration.js';
import { temporaryDirectory } from './run-cli.js';

let app: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  app = temporaryDirectory();
});
afterEach(() => app.remove());

const localSettings = (text: string) => writeFileSync(join(app.path, 'local.settings.json'), text);
const tenant = '00000000-0000-4000-8000-0000000000ac';

describe('Azure is configured', () => {
  it('by the environment', () => {
    expect(azureSettings({ AZURE_TENANT_ID: tenant, PATH: 'x' }, app.path)).toEqual(['AZURE_TENANT_ID']);
  });

  it('by local.settings.json', () => {
    localSettings(JSON.stringify({ Values: { AZURE_CLIENT_ID: tenant, AZURE_CLIENT_SECRET: '' } }));
    expect(azureSettings({}, app.path)).toEqual(['AZURE_CLIENT_ID']);
  });

  it('by neither when both are empty, absent or unreadable', () => {
    expect(azureSettings({ AZURE_TENANT_ID: '' }, app.path)).toEqual([]);
    localSettings('{ not json');
    expect(azureSettings({}, app.path)).toEqual([]);
  });
});
