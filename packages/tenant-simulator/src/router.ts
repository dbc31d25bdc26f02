/** Routes calls to services. */
import type { SimulatedHost } from './simulated-host.js';
import type { TenantDatabase } from './tenant-database.js';

export interface RouteRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Text of the body, unchanged. */
  readonly text: string;
  readonly header: (name: string) => string | undefined;
  readonly db: TenantDatabase;
  /** Milliseconds since the epoch by the tenant's clock. */
  readonly now: number;
}
export interface RouteResponse {
  readonly status: number;
  /** Sent as JSON; undefined = no body. */
  readonly body?: unknown;
}
export interface Route {
  readonly host: SimulatedHost;
  readonly method: string;
  /** `:name` matches one segment, decoded; a trailing `/?` an optional slash. */
  readonly path: string;
  /** Any one of these permissions is enough; empty: any token; undefined: no token is needed. */
  readonly anyOf?: readonly string[];
  readonly handle: (call: RouteRequest) => RouteResponse;
}
/** Thrown by a service that knows the route but has no response for the call: it counts as unknown. */
export class NotSimulated extends Error {}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Compiles the routes; letter case of paths does not count, as in the real services. */
export function createRouter(
  routes: readonly Route[],
): (host: string, method: string, path: string) => RouteMatch | undefined {
  const compiled = routes.map((route) => ({
    route,
    names: [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? ''),
    pattern: new RegExp(`^${route.path.replace(/[.()$]/g, '\\$&').replace(/:\w+/g, '([^/]+)')}$`, 'i'),
  }));
  return (host, method, path) => {
    for (const { route, names, pattern } of compiled) {
      const match = route.host.name === host && route.method === method ? pattern.exec(path) : null;
      if (match === null) continue;
      const params = names.map((name, i) => [name, decode(match[i + 1] ?? '')] as const);
      return { route, params: Object.fromEntries(params) };
    }
    return undefined;
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
