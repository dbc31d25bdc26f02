/** Finds out whether this machine is configured for a real tenant. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const NAMES = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'] as const;
const settingsSchema = z.object({ Values: z.record(z.string(), z.unknown()) });

/** Names of the settings that name a real tenant, in the environment or in local.settings.json. */
export function azureSettings(
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): readonly string[] {
  return Object.keys(azureValues(environment, appDirectory));
}

/** The same settings with their values. */
export function azureValues(
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): Partial<Record<(typeof NAMES)[number], string>> {
  const values: Readonly<Record<string, unknown>> = { ...localSettings(appDirectory), ...environment };
  const set = NAMES.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}

/** A setting of the app, from the environment or local.settings.json; undefined if it is not set. */
export function appSetting(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): string | undefined {
  const value = { ...localSettings(appDirectory), ...environment }[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function localSettings(directory: string): Readonly<Record<string, unknown>> {
  try {
    const text = readFileSync(join(directory, 'local.settings.json'), 'utf8');
    return settingsSchema.parse(JSON.parse(text)).Values;
  } catch {
    // Absent or invalid: the host reports that when it reads the file.
    return {};
  }
}
