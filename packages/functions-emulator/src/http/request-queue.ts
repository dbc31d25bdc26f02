/**
 * Limits the HTTP requests that run and that wait. Too many are answered 429.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings
 */
import type { ServerResponse } from 'node:http';
import { reply } from './reply.js';

export interface RequestLimits {
  /** `maxConcurrentRequests`: requests that run at the same time. */
  readonly concurrent: number;
  /** `maxOutstandingRequests`: running and waiting requests. */
  readonly outstanding: number;
}

/** Runs requests in the order of their arrival, as many at the same time as the limits allow. */
export class RequestQueue {
  readonly #waiting: (() => void)[] = [];
  #outstanding = 0;
  #running = 0;

  constructor(private readonly limits: RequestLimits) {}

  /** Resolves when the work is done, or when the request was rejected. */
  async run(response: ServerResponse, work: () => Promise<void>): Promise<void> {
    const { concurrent, outstanding } = this.limits;
    if (this.#outstanding >= outstanding) {
      // Signals the platform to add instances.
      reply(response, 429, { 'X-FUNCTION-SCALEOUT': '1' });
      return;
    }
    this.#outstanding++;
    if (this.#running >= concurrent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      await work();
    } finally {
      this.#outstanding--;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
