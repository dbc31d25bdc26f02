/** Finds out whether this machine is configured for a real tenant. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const NAMES = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'] as const;
const settingsSchema = z.object({ Values: z.record(z.string(), z.unknown()) });

/** Names of the settings that name real tenants, in the environment or in local.settings.json. */
export function azureSettings(
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): readonly string[] {
  const several = appSetting('TENANTS', environment, appDirectory) === undefined ? [] : ['TENANTS'];
  return [...Object.keys(azureValues(environment, appDirectory)), ...several];
}

/** All settings of the app, from the environment and local.settings.json. */
export function appSettings(
  environment: Readonly<Record<string, string | undefined>>,
  appDirectory: string,
): Readonly<Record<string, string | undefined>> {
  const texts = Object.entries(localSettings(appDirectory)).filter(([, value]) => typeof value === 'string');
  return { ...(Object.fromEntries(texts) as Record<string, string>), ...environment };
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
