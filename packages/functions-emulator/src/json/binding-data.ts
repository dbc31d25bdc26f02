/**
 * Binding data: the members of a JSON object that the real host adds to a function's trigger metadata, without arrays
 * and nulls. They replace metadata of the same name, whatever its case. Scalars become text as .NET writes them.
 * https://github.com/Azure/azure-functions-host/blob/v4.1037.0/src/WebJobs.Script/Utility.cs (`ApplyBindingData`)
 */
import type { TypedData } from '../worker/worker-types.js';
import { nestingDepth, parseLenientJson } from './lenient-json.js';
import { invariantDate, MAX_DEPTH, rewriteDates } from './newtonsoft.js';

/** Empty if the text is not a JSON object, or is nested too deeply. */
export function bindingDataOf(text: string): Record<string, TypedData> {
  const members: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(objectOf(text.trim()))) {
    if (value === null || Array.isArray(value)) continue;
    members[name] =
      typeof value === 'object' ? { json: JSON.stringify(rewriteDates(value)) } : { string: textOf(value) };
  }
  return members;
}

/** The given metadata with the members over it. */
export function mergeBindingData(
  metadata: Readonly<Record<string, TypedData>>,
  members: Readonly<Record<string, TypedData>>,
): Record<string, TypedData> {
  const all: Record<string, TypedData> = { ...metadata };
  const names = new Map(Object.keys(all).map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of Object.entries(members)) {
    const known = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), known);
    all[known] = value;
  }
  return all;
}

function objectOf(text: string): object {
  if (!text.startsWith('{') || nestingDepth(text) > MAX_DEPTH) return {};
  try {
    return parseLenientJson(text) as object;
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return invariantDate(value) ?? value;
  return String(value).replace('e', 'E');
}
