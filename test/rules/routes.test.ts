import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Responder } from '../app/responder.js';
import { clashingRoutes, type HttpRoute } from './routes.js';

interface Listed {
  readonly name: string;
  readonly config: {
    readonly bindings: readonly {
      readonly type: string;
      readonly route?: string;
      readonly methods?: string[];
    }[];
  };
}

describe('the HTTP routes of the app', () => {
  let responder: Responder;
  let routes: HttpRoute[];

  beforeAll(async () => {
    responder = await Responder.start();
    const answer = await fetch(`${responder.host.url}/admin/functions`);
    routes = ((await answer.json()) as Listed[]).flatMap(({ name, config }) =>
      config.bindings
        .filter(({ type }) => type === 'httpTrigger')
        .map(({ route = name, methods = ['GET', 'POST'] }) => ({ name, route, methods })),
    );
  });
  afterAll(() => responder.stop());

  it('are all checked', () => {
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.map(({ name }) => name)).toContain('messages');
  });

  it('never have a literal where another has a parameter', () => {
    expect(clashingRoutes(routes)).toEqual([]);
  });

  it.each([
    ['approvals/sign-in', ['POST']],
    ['Approvals/Analysts', ['DELETE']],
    ['approvals/{id:guid}', ['GET']],
    ['approvals/{id?}', ['GET']],
    ['approvals/{*rest}', ['GET']],
    ['api/{kind}', ['PUT']],
    ['api/incidents/all', ['PUT']],
    ['api/approvals/latest/undo', ['GET']],
    ['{*everything}', ['GET']],
  ])('and a planted %s is found', (route, methods) => {
    expect(clashingRoutes([...routes, { name: 'planted', route, methods }]).join()).toContain('planted');
  });

  it.each([
    ['approvals/{id}', ['DELETE']],
    ['api/approvals/{requestId}/notes', ['POST']],
    ['sign-out', ['POST']],
  ])('and a planted %s that meets no other is not', (route, methods) => {
    expect(clashingRoutes([...routes, { name: 'planted', route, methods }])).toEqual([]);
  });
});
