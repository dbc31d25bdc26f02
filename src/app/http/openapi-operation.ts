/** What the OpenAPI description needs of each operation. */

export interface Operation {
  readonly method: 'get' | 'post' | 'options';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly body?: string;
  /** Success responses by status: name of the schema, description, and response headers. */
  readonly good: Readonly<Record<number, readonly [schema: string, meaning: string, ...headers: string[]]>>;
  readonly problems: readonly number[];
}

/** Problems of every call that needs a sign-in. */
export const READING = [401, 403, 501, 503];

export function parameter(
  name: string,
  place: 'path' | 'query' | 'header',
  description: string,
  schema: object,
): object {
  const required = place === 'path' || name === 'If-Match';
  return { name, in: place, description, required, schema };
}
