/** An API as the connectors call it. The services in src/actions declare theirs; this folder names none. */
import type { LogsClient, RestClient } from './clients.js';

export interface Api {
  /** For messages: `Defender for Endpoint`. */
  readonly title: string;
  readonly host: string;
  /** Scope of its tokens, e.g. `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  /** `graph` and `log-analytics` use Microsoft's own clients. */
  readonly client: 'rest' | 'graph' | 'log-analytics';
  /** Paths of the POSTs that only read: a replay may return their last response again. */
  readonly readingPosts?: RegExp;
}

/** By the name of their client in `ctx.clients`. */
export type Apis = Readonly<Record<string, Api>>;

/** One client for each API, under the same name. */
export type ClientsOf<A extends Apis> = {
  readonly [K in keyof A]: A[K]['client'] extends 'log-analytics' ? LogsClient : RestClient;
};
