/** The scaffold of an action is no action: it has placeholders, which are easily overlooked. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/registry.generated.js';

describe.each(actions.map(({ name }) => name))('%s', (name) => {
  it.each([`src/actions/${name.replace('.', '/')}.ts`, `test/actions/contract/cases/${name}.ts`])(
    'has no FILL_IN left in %s',
    (file) => {
      const lines = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8').split('\n');
      expect(lines.filter((line) => line.includes('FILL_IN'))).toEqual([]);
    },
  );
});
