import { expect, test } from 'vitest';
import { TeardownStack } from '../src/teardown-stack.js';

test('everything is closed in reverse order, although one of it fails', async () => {
  const stack = new TeardownStack();
  const closed: string[] = [];
  stack.push(() => void closed.push('data'));
  stack.push(() => Promise.reject(new Error('the port does not close')));
  stack.push(async () => {
    await Promise.resolve();
    closed.push('app');
    stack.push(() => void closed.push('opened meanwhile'));
  });
  await expect(stack.run()).rejects.toThrow('the port does not close');
  expect(closed).toEqual(['app', 'opened meanwhile', 'data']);
});
