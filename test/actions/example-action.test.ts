import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import isolate from '../../src/actions/defender/isolate-device.js';
import { runEnrichment, runResponse } from '../../src/actions/run.js';
import { MACHINE, withContoso } from './contoso.js';
import example from './example-action.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8').replaceAll('\r\n', '\n');

it('is what docs/adding-an-action.md shows', () => {
  const shown = read('./example-action.ts')
    .replaceAll('../../src/actions/', '../')
    .replaceAll('../../src/', '../../');
  expect(read('../../docs/adding-an-action.md')).toContain(`\`\`\`ts\n${shown}\`\`\``);
});

it('works', () =>
  withContoso([], async (contoso) => {
    const run = async () => {
      const result = await runEnrichment(example, { mdeId: MACHINE }, contoso.context(example.name, MACHINE));
      return result.ok && result.value;
    };
    expect(await run()).toEqual({ open: 0 });
    const input = { machineId: MACHINE, device: 'ws-fin-0142' };
    await runResponse(isolate, input, contoso.context(isolate.name, MACHINE));
    expect(await run()).toEqual({ open: 1 });
  }));
