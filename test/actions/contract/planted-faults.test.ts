/** The suite fails for what it is there to find: one faulty action, or more, for each check. */
import { describe, expect, it } from 'vitest';
import { enrichmentChecks, responseChecks } from './checks/index.js';
import { plantedEnrichments, plantedResponses } from './planted-faults.js';

const named = <F extends { readonly check: string; readonly fault: string }>(faults: readonly F[]) =>
  faults.map((one) => [one.check, one.fault, one] as const);
const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name).sort();
const checksOf = (all: readonly { readonly check: string }[]) =>
  [...new Set(all.map(({ check }) => check))].sort();

it('has a faulty action for each check', () => {
  expect(checksOf(plantedResponses)).toEqual(namesOf(responseChecks));
  expect(checksOf(plantedEnrichments)).toEqual(namesOf(enrichmentChecks));
});

describe.concurrent('of a response', () => {
  it.each(named(plantedResponses))('%s finds one that %s', async (name, _fault, { says, action, given }) => {
    const check = responseChecks.find((one) => one.name === name);
    expect(check?.exempt?.(action, given)).toBeUndefined();
    await expect(check?.run(action, given)).rejects.toMatchObject({
      name: 'AssertionError',
      message: expect.stringContaining(says),
    });
  });
});

describe.concurrent('of an enrichment', () => {
  it.each(named(plantedEnrichments))(
    '%s finds one that %s',
    async (name, _fault, { says, action, given }) => {
      const check = enrichmentChecks.find((one) => one.name === name);
      expect(check?.exempt?.(action, given)).toBeUndefined();
      await expect(check?.run(action, given)).rejects.toMatchObject({
        name: 'AssertionError',
        message: expect.stringContaining(says),
      });
    },
  );
});
