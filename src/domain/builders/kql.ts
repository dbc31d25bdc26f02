/** The only way that values of an incident reach KQL. */
declare const brand: unique symbol;
export type Kql = string & { readonly [brand]: 'Kql' };

/**
 * Joins a constant query with its parameters. The query reads them from `params`, a dynamic value, as in
 * `params.userId`; the values travel as one percent-encoded JSON literal, so no character of theirs can end it.
 */
export function kql(query: string, params: Readonly<Record<string, unknown>>): Kql {
  const literal = encodeURIComponent(JSON.stringify(params)).replace(
    /['!()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `let params = todynamic(url_decode('${literal}'));\n${query}` as Kql;
}
