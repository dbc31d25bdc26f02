import { expect, test } from 'vitest';
import { start, writeApp } from './app.js';

test('invocation hooks see and change inputs and results, in order', async () => {
  const host = await start({
    appDirectory: writeApp({
      'index.js': `
        import { app } from '@azure/functions';
        const order = [];
        app.hook.appStart(() => { order.push('appStart'); });
        app.hook.preInvocation((context) => { order.push('pre'); context.hookData.from = 'pre'; });
        app.hook.postInvocation((context) => {
          order.push('post');
          if (context.error) { context.error = undefined; context.result = { status: 299, jsonBody: { order, hookData: context.hookData } }; }
        });
        app.http('fails', { handler: async () => { order.push('handler'); throw new Error('recovered by a hook'); } });`,
    }),
  });
  const response = await host.get('/api/fails');
  expect(response.status).toBe(299);
  expect(await response.json()).toEqual({
    order: ['appStart', 'pre', 'handler', 'post'],
    hookData: { from: 'pre' },
  });
});
