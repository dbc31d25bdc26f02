/** Whether this machine is set up for a real tenant. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const NAMES = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'];
const settingsSchema = z.object({ Values: z.record(z.string(), z.unknown()) });

/** Names of the settings that name a real tenant, in the environment or in local.settings.json. */
export function azureSettings(
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): readonly string[] {
  const values: Readonly<Record<string, unknown>> = { ...localSettings(appDirectory), ...environment };
  return NAMES.filter((name) => typeof values[name] === 'string' && values[name] !== '');
}

function localSettings(directory: string): Readonly<Record<string, unknown>> {
  try {
    const text = readFileSync(join(directory, 'local.settings.json'), 'utf8');
    return settingsSchema.parse(JSON.parse(text)).Values;
  } catch {
    // Absent, or wrong: the host says so when it reads it.
    return {};
  }
}
