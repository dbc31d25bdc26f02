/** Conditions on closed sets: comparing with a value that a service never returns is an error in the playbook. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { enumValueOf } from '../../src/actions/enum-value.js';
import { enrichments } from '../../src/actions/registry.generated.js';
import { checkPlaybooks } from '../../src/cli/playbooks.js';

const shipped = readFileSync(new URL('../../playbooks/ransomware-on-device.yaml', import.meta.url), 'utf8');

/** Problems of the shipped playbook with another condition in the place of one of its own. */
function problemsWith(condition: string, changed: string): string[] {
  expect(shipped).toContain(condition);
  const directory = mkdtempSync(join(tmpdir(), 'value-sets-'));
  try {
    const file = join(directory, 'mine.yaml');
    writeFileSync(file, shipped.replace(condition, changed));
    return checkPlaybooks([file]).problems.map(({ code, message }) => `${code}: ${message}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('a condition that can never hold', () => {
  it.each([
    ['risk.riskLevel == "high"', 'risk.riskLevel == "High"'],
    ['risk.riskState == "confirmedCompromised"', 'risk.riskState == "ConfirmedCompromised"'],
    ['risk.riskLevel in ["medium", "high"]', 'risk.riskLevel in ["medium", "severe"]'],
    ['device.onboardingStatus == "Onboarded"', 'device.onboardingStatus == "onboarded"'],
    ['device.riskScore == "High"', 'device.riskScore == "Critical"'],
    ['f.determinationType == "Malware"', 'f.determinationType == "malware"'],
  ])('is a mistake: %s as %s', (condition, changed) => {
    expect(problemsWith(condition, changed)[0]).toMatch(/^unknown-value: this is never/);
    expect(problemsWith(condition, condition)).toEqual([]);
  });
});

describe('the closed sets of the enrichments', () => {
  const sets = enrichments.flatMap(({ name, output }) =>
    Object.entries(output instanceof z.ZodObject ? output.shape : {}).flatMap(([field, schema]) => {
      const inner: unknown = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
      return inner instanceof z.ZodEnum ? [{ field: `${name} ${field}`, values: inner.options }] : [];
    }),
  );

  it('are declared for every value that a service documents', () => {
    expect(sets.map(({ field }) => field)).toEqual(
      expect.arrayContaining([
        'defender.device healthStatus',
        'defender.device onboardingStatus',
        'defender.device riskScore',
        'defender.device exposureLevel',
        'defender.device deviceValue',
        'defender.file determinationType',
        'entra.risk riskLevel',
        'entra.risk riskState',
      ]),
    );
  });

  it('return the documented spelling of a value, and nothing for any other value', () => {
    expect(enumValueOf(['None', 'High'], 'HIGH')).toBe('High');
    for (const word of ['Severe', '', null, undefined])
      expect(enumValueOf(['None', 'High'], word)).toBeUndefined();
  });
});
