/** docs/openapi.json, and the check of an answer against it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Answer } from './responder.js';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: Readonly<Record<string, unknown>>;
        readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
      }
    >
  >;
}
type Schema = { readonly $ref?: string };
export const document = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const definitions = JSON.parse(
  JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
) as Record<string, object>;
const validators = new Map(
  Object.entries(definitions).map(([name, schema]) => [
    name,
    z.fromJSONSchema({ ...schema, $defs: definitions } as Parameters<typeof z.fromJSONSchema>[0]),
  ]),
);
export const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

export const seen = new Map<string, Set<string>>();

/** Finds the operation of a call and validates the response against its description. */
export function check(method: string, path: string, { status, headers, json }: Answer): void {
  const bare = path.split('?')[0] ?? '';
  const found = operations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(bare),
  );
  if (found === undefined) throw new Error(`${method} ${bare} is not described`);
  const { operationId, responses } = found.operation;
  const response = responses[String(status)];
  if (response === undefined) throw new Error(`${operationId} answers ${status}, which is not described`);
  const [type, content] = Object.entries(response.content)[0] ?? [];
  expect(headers.get('content-type')).toContain(type);
  const parsed = validators.get(content?.schema.$ref?.split('/').at(-1) ?? '')?.safeParse(json);
  expect(parsed?.error?.issues, `${operationId} ${status}`).toBeUndefined();
  expect(parsed?.success).toBe(true);
  for (const name of Object.keys(response.headers ?? {}).filter(
    (name) => name === 'ETag' && status === 201,
  )) {
    expect(headers.get(name), `${operationId} ${status} ${name}`).not.toBeNull();
  }
  seen.set(operationId, (seen.get(operationId) ?? new Set()).add(String(status)));
}
