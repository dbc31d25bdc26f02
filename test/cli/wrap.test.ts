/** Lines that fit a terminal, and the start screen on terminals of three widths. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startScreen } from '../../src/cli/start-screen.js';
import { clipToWidth, widthOf, wrap } from '../../src/cli/wrap.js';

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('a line', () => {
  it('is broken between words only, and fits where its words do', () => {
    const word = fc.stringMatching(/^[a-z0-9:/._-]{1,40}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.nat(8),
        fc.integer({ min: 30, max: 120 }),
        (all, indent, columns) => {
          const line = ' '.repeat(indent) + all.join(' ');
          const lines = wrap(line, columns);
          expect(lines.flatMap(words)).toEqual(words(line));
          for (const one of lines) expect(widthOf(one) <= columns || words(one).length === 1).toBe(true);
        },
      ),
    );
  });

  it('stays as it is where the output is no terminal', () => {
    const line = 'word '.repeat(100);
    expect(wrap(line, undefined)).toEqual([line]);
  });

  it('in two columns continues in the second one', () => {
    expect(wrap('  data         a folder with a long name and more of it', 45)).toEqual([
      '  data         a folder with a long name and',
      '               more of it',
    ]);
  });

  it('counts no colours, and two columns for a wide character', () => {
    expect(widthOf('\u001b[1mbold\u001b[22m')).toBe(4);
    expect(widthOf('空 folder')).toBe(9);
  });

  it('with a command can still be copied into a shell', () => {
    const line = `  in a terminal   npx responder approvals approve incident-${'0'.repeat(40)} --yes`;
    const broken = wrap(line, 60, { continuation: ' \\' });
    expect(broken.length).toBeGreaterThan(1);
    expect(broken.slice(0, -1).every((one) => one.endsWith(' \\'))).toBe(true);
    expect(broken.every((one) => one.length <= 60)).toBe(true);
    expect(wrap(line, 60)).toEqual([line]);
  });

  it('that is redrawn in place is clipped', () => {
    expect(clipToWidth('x'.repeat(100), 60)).toHaveLength(59);
    expect(clipToWidth('short', 60)).toBe('short');
  });
});

describe('the start screen', () => {
  const secret = { function: 'f-secret', sas: 's-secret', topic: 't-secret' };
  const host = {
    url: 'http://127.0.0.1:7071',
    serviceBusConnectionString: `Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=Root;SharedAccessKey=${secret.sas};UseDevelopmentEmulator=true;`,
    eventGridTopics: [
      { functionName: 'intake', url: 'http://127.0.0.1:7071/eventgrid/intake/api/events', key: secret.topic },
    ],
    keys: { master: 'm-secret', function: secret.function, system: 'y-secret' },
  };
  const screen = {
    host,
    simulator: 'http://127.0.0.1:39101',
    ignored: ['AZURE_TENANT_ID'],
    signInLink: `http://127.0.0.1:7071/sign-in?token=1.${'a'.repeat(32)}.${'b'.repeat(64)}`,
    dataDirectory: '/data/.responder',
    showKeys: false,
    interactive: true,
  };
  const shown = (more: Partial<typeof screen>) => startScreen({ ...screen, ...more }, (_, text) => text);

  it.each([60, 80, 110])('fits %i columns; only the sign-in link may be longer', (columns) => {
    for (const interactive of [true, false])
      for (const line of shown({ interactive }).flatMap((one) => wrap(one, columns)))
        expect(
          line.length <= columns || line.trim() === screen.signInLink || line.includes('/sign-in?'),
        ).toBe(true);
  });

  it('shows no key, and says how to see them', () => {
    for (const interactive of [true, false]) {
      const text = shown({ interactive }).join('\n');
      expect(text).not.toContain('secret');
      expect(text).toContain(interactive ? 'press k' : '--show-keys');
    }
  });

  it('shows the keys of the triggers on request, and no key that manages the host', () => {
    const text = shown({ showKeys: true }).join('\n');
    for (const one of Object.values(secret)) expect(text).toContain(one);
    expect(text).not.toMatch(/[my]-secret/);
  });

  it('names single keys only where they are read', () => {
    expect(shown({ interactive: true }).join('\n')).toMatch(/Press o\b/);
    expect(shown({ interactive: false }).join('\n')).not.toMatch(/[Pp]ress [a-z]\b/);
  });

  it('names the settings that did not select a real tenant, and the option that would', () => {
    expect(shown({}).join('\n')).toMatch(/AZURE_TENANT_ID: .*--real-tenant/);
  });
});
