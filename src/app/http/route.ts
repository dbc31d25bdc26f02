/** Registers HTTP functions. */
import { app, type HttpFunctionOptions, type HttpResponseInit } from '@azure/functions';
import { type Problem, problem } from '../problem.js';
import { setupProblem } from '../setup.js';

/**
 * Registers a route. While the app has a setup problem, the route answers 503 with that problem and uses no other
 * extension.
 */
export function httpRoute(name: string, options: HttpFunctionOptions): void {
  const wrong = setupProblem();
  const { extraInputs: _, ...rest } = options;
  app.http(name, wrong === undefined ? options : { ...rest, handler: async () => notSetUp(wrong) });
}

/**
 * The health of the app: 200, or 503 with the setup problem. Needs no sign-in, because the platform's health check has
 * none. The problem names settings and places in playbooks, but no values.
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
