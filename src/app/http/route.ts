/** How all HTTP functions are registered. */
import { app, type HttpFunctionOptions, type HttpResponseInit } from '@azure/functions';
import { type Problem, problem } from '../problem.js';
import { setupProblem } from '../setup.js';

/** A route of the app; where the app cannot do its work, one that says so and needs no other extension. */
export function httpRoute(name: string, options: HttpFunctionOptions): void {
  const wrong = setupProblem();
  const { extraInputs: _, ...rest } = options;
  app.http(name, wrong === undefined ? options : { ...rest, handler: async () => notSetUp(wrong) });
}

/**
 * The app's state, for probes and people: 200, or 503 with what is wrong. Anybody may look, as the platform's health
 * check does: it names settings and places in playbooks, and no values.
 */
export function registerHealth(): void {
  app.http('health', {
    methods: ['GET'],
    route: 'api/health',
    authLevel: 'anonymous',
    handler: async (): Promise<HttpResponseInit> => {
      const wrong = setupProblem();
      return wrong === undefined
        ? { status: 200, headers: { 'cache-control': 'no-store' }, jsonBody: { status: 'ok' } }
        : notSetUp(wrong);
    },
  });
}

const notSetUp = (wrong: Problem): HttpResponseInit => problem(wrong, { 'retry-after': '60' });
