import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseBody } from '../../src/intake/index.js';
import { example, exampleText, kindsOf, only, read } from './read-example.js';

describe('references in the log', () => {
  const row = (entities: unknown) => ({
    TenantId: 'x',
    SystemAlertId: 'a',
    SourceSystem: 'Detection',
    Entities: typeof entities === 'string' ? entities : JSON.stringify(entities),
  });

  it('may be circular, unknown, or to the object itself', () => {
    const circle = [
      { $id: '1', Type: 'process', ProcessId: '1', ParentProcess: { $ref: '2' } },
      { $id: '2', Type: 'process', ProcessId: '2', ParentProcess: { $ref: '1' } },
      { $id: '3', Type: 'file', Name: 'x', FileHashes: [{ $ref: '3' }, { $ref: '9' }, null, 7] },
      { $ref: '1' },
      { $ref: { $ref: '1' } },
      { $id: '1', Type: 'ip', Address: '203.0.113.7' },
    ];
    const incident = only(row(circle));
    expect(kindsOf(incident)).toEqual({ process: 2, file: 1, ip: 1 });
    expect(incident.warnings.map(({ code, value }) => [code, value])).toContainEqual([
      'unknown-reference',
      '9',
    ]);
  });

  it('are read from any JSON, and a column that is no JSON is a warning', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (entities) => {
        expect(read(row(JSON.stringify(entities)))).toHaveLength(1);
      }),
    );
    for (const broken of ['[{"$id":', '{}', 'x', `${'['.repeat(9_000)}${']'.repeat(9_000)}`]) {
      const codes = only(row(broken)).warnings.map(({ code }) => code);
      expect(codes).toContain('unreadable-entities');
    }
    expect(only(row('')).warnings.map(({ code }) => code)).toEqual(['incident-unknown', 'unknown-value']);
  });
});

describe('a hostile body', () => {
  it('is not confused by the names of prototypes', () => {
    const text = exampleText('log-rows.jsonl')
      .replaceAll('"Labels"', '"__proto__"')
      .replaceAll('registry-key', 'constructor');
    expect(
      only(text).entities.some((entity) => entity.kind === 'other' && entity.originalKind === 'constructor'),
    ).toBe(true);
    const evidence = [
      { '@odata.type': '#x.constructorEvidence' },
      { entityType: '__proto__' },
      { entityType: 'toString' },
    ];
    expect(kindsOf(only({ ...example('graph-alert.json'), evidence }))).toEqual({ other: 3 });
    expect(({} as { id?: unknown }).id).toBeUndefined();
  });

  it('that gives an identifier in hundreds of spellings has the first of them, which contradict each other', () => {
    const spelled = (key: string, value: (i: number) => string) =>
      Object.fromEntries(
        Array.from({ length: 256 }, (_, i) => {
          const letters = [...key].map((letter, at) => ((i >> at) & 1 ? letter.toUpperCase() : letter));
          return [letters.join(''), value(i)];
        }),
      );
    const properties = {
      ...spelled('accountname', (i) => `n${i}`),
      ...spelled('upnsuffix', (i) => `s${i}.com`),
    };
    const entity = { id: '/x/entities/e', kind: 'Account', properties };
    const [item] = read(entity);
    const [account] = item?.kind === 'other' ? (item.entities ?? []) : [];
    const further = account?.kind === 'account' ? (account.further ?? []) : [];
    expect(further.filter(({ id }) => id === 'name')).toHaveLength(99);
    expect(further.filter(({ id }) => id === 'upn')).toHaveLength(100 * 100 - 1);
    const few = {
      ...entity,
      properties: { accountName: 'robin', ACCOUNTNAME: 'robin', upnSuffix: 'contoso.com' },
    };
    expect(read(few)).toMatchObject([{ entities: [{ kind: 'account', upn: 'robin@contoso.com' }] }]);
  });

  it('takes work that grows with its size, for 10 times as many entities', () => {
    const hosts = (n: number) =>
      Array.from({ length: n }, (_, i) => ({
        '@odata.type': '#microsoft.graph.security.deviceEvidence',
        ...(i % 2 === 0
          ? { mdeDeviceId: i.toString(16).padStart(40, 'a') }
          : { deviceDnsName: `h${i}.contoso.com` }),
        hostName: i % 3 === 0 ? 'same' : `h${i}`,
      }));
    const alert = (n: number) => ({ ...example('graph-alert.json'), evidence: hosts(n) });
    let reads = 0;
    const counted = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      return new Proxy(value, {
        get(target, key, receiver) {
          reads += 1;
          return counted(Reflect.get(target, key, receiver));
        },
      });
    };
    const work = (n: number) => {
      reads = 0;
      normaliseBody(counted(alert(n)), 100_000_000);
      return reads;
    };
    expect(work(1_000)).toBeLessThan(15 * work(100));
    expect(only(alert(5_000)).entities.length).toBeGreaterThan(4_000);
  });
});
