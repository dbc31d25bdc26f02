/** Converts an activity's input and result between JSON in the history and the worker's typed data. */
import type { FunctionDefinition, InvocationRequest, TypedData } from '../worker/worker-types.js';

/**
 * The invocation of an activity. As on the real host, strings arrive unquoted, booleans as the words "True" and "False",
 * and null as no value.
 */
export function activityRequest(
  definition: FunctionDefinition,
  instanceId: string,
  input: string | null,
  invocationId: string,
): InvocationRequest {
  const value: unknown = input === null ? null : JSON.parse(input);
  const metadata: Record<string, TypedData> = { instanceId: textData(instanceId) };
  let data: TypedData = {};
  if (value !== null && input !== null) {
    data = {
      string:
        typeof value === 'string' ? value : typeof value === 'boolean' ? (value ? 'True' : 'False') : input,
    };
    metadata[definition.triggerName] = data;
    metadata.data = { string: input };
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, member] of Object.entries(value as Record<string, unknown>)) {
        if (name in metadata || member === null || Array.isArray(member)) continue;
        metadata[name] = textData(memberText(member));
      }
    }
  }
  return {
    functionName: definition.name,
    invocationId,
    inputs: [{ name: definition.triggerName, data }],
    triggerMetadata: metadata,
  };
}

/**
 * The library tries to read every text as JSON. For one that plainly is not, the failed attempt costs more than the
 * rest of a small call; in this form it arrives as the same text.
 */
function textData(text: string): TypedData {
  return /^[a-z]/i.test(text) && !/^(true|false|null)$/.test(text)
    ? { json: JSON.stringify(text) }
    : { string: text };
}

/** Of all strings, .NET converts only dates when it extracts single members. */
function memberText(member: unknown): string {
  if (typeof member === 'boolean') return member ? 'True' : 'False';
  if (typeof member !== 'string') return JSON.stringify(member);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(member)
    ? Date.parse(member)
    : Number.NaN;
  if (Number.isNaN(time)) return member;
  const [year, month, day, clock] = new Date(time).toISOString().split(/[-T.]/);
  return `${month}/${day}/${year} ${clock}`;
}

/** An activity's result as the JSON text for the history; null for none. */
export function resultText(data: TypedData | undefined): string | null {
  if (data === undefined) return null;
  if ('string' in data) return escaped(JSON.stringify(data.string));
  if ('json' in data) return data.json === 'null' ? null : escaped(data.json);
  if ('int' in data && typeof data.int === 'number') return integerText(data.int);
  if ('double' in data && typeof data.double === 'number') {
    return Number.isFinite(data.double) ? JSON.stringify(data.double) : JSON.stringify(String(data.double));
  }
  if ('bytes' in data && data.bytes instanceof Uint8Array) {
    return JSON.stringify(Buffer.from(data.bytes).toString('base64'));
  }
  return null;
}

/** .NET's serialiser escapes these three, JavaScript's does not. */
const escaped = (json: string): string =>
  json.replace(/[\u0085\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whole numbers travel as 64 bits: what does not fit wraps around. */
function integerText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt.asIntN(64, BigInt(value)).toString();
}
