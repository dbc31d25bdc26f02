import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseServiceJson } from '../../src/connectors/json.js';

it('an answer of a service has whole characters only, and is otherwise as it was sent', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.boolean(), (value, broken) => {
      const sent = JSON.stringify({ value, name: broken ? 'a\ud800b' : 'ab' });
      const read = parseServiceJson(sent) as { readonly name: string };
      expect(read.name).toBe(broken ? 'a\ufffdb' : 'ab');
      expect({ ...read, name: '' }).toEqual({ ...JSON.parse(sent), name: '' });
    }),
  );
  expect(parseServiceJson('["\\udfff\\ud83d\\ude00"]')).toEqual(['\ufffd\ud83d\ude00']);
});
