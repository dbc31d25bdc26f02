/** The only way in which incident values reach KQL. */
declare const brand: unique symbol;
export type Kql = string & { readonly [brand]: 'Kql' };

/**
 * Joins a constant query with its parameters. The query reads them from the dynamic value `params`, as in
 * `params.userId`. They are passed as one percent-encoded JSON literal, so no character in them can end the literal.
 */
export function kql(query: string, params: Readonly<Record<string, unknown>>): Kql {
  const literal = encodeURIComponent(JSON.stringify(params)).replace(
    /['!()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `let params = todynamic(url_decode('${literal}'));\n${query}` as Kql;
}
