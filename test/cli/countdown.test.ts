import { describe, expect, it } from 'vitest';
import { Countdown, hoursMinutesSeconds } from '../../src/cli/progress/countdown.js';

const plain = (_style: string, text: string) => text;

describe('the countdown of a terminal', () => {
  it('shows the incident that expires first, below what is printed', () => {
    const written: string[] = [];
    const countdown = new Countdown({ write: (text) => written.push(text) }, plain, () => 0);
    countdown.add('a', 3_600_000);
    countdown.add('b', 60_000);
    expect(written.at(-1)).toContain('0:01:00 left; 2 incidents wait');
    countdown.above(() => written.push('a line\n'));
    expect(written.slice(-3)).toEqual([
      '\r\u001b[2K',
      'a line\n',
      expect.stringContaining('0:01:00 left') as string,
    ]);
    countdown.remove('b');
    expect(written.at(-1)).toContain('1:00:00 left');
    countdown.remove('a');
    expect(written.at(-1)).toBe('\r\u001b[2K');
  });

  it('leaves the screen alone while it is paused', () => {
    const written: string[] = [];
    const countdown = new Countdown({ write: (text) => written.push(text) }, plain, () => 0);
    countdown.add('a', 1000);
    countdown.pause();
    const before = written.length;
    countdown.above(() => undefined);
    expect(written).toHaveLength(before);
    countdown.resume();
    expect(written.at(-1)).toContain('0:00:01 left');
    countdown.close();
  });

  it.each([
    [0, '0:00:00'],
    [-5, '0:00:00'],
    [3_599_999, '0:59:59'],
    [100 * 3_600_000, '100:00:00'],
  ])('%i ms is %s', (ms, text) => {
    expect(hoursMinutesSeconds(ms)).toBe(text);
  });
});
