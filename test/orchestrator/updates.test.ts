/** What the timeline says about updates: anyone who may retry may retry often, and an incident chooses its names. */
import { expect, it } from 'vitest';
import type { Update } from '../../src/domain/update.js';
import { noteUpdates } from '../../src/orchestrator/updates.js';

/** The timeline after each of these groups of updates was noted. */
function timelineOf(...groups: readonly (readonly Update[])[]): string[] {
  const timeline: { text: string }[] = [];
  const record = {
    file: { timeline },
    add: ({ text }: { text: string }) => timeline.push({ text }),
    sendAll: () => undefined,
  };
  for (const updates of groups) noteUpdates(record as never, updates, 'It was read again.');
  return timeline.map(({ text }) => text);
}
const delivery: Update = { kind: 'update', id: 'd', trigger: 'http', by: undefined };
const retry: Update = { ...delivery, kind: 'again', retriedBy: 'Robin Keller (web)' };
const steps = Array.from({ length: 500 }, (_, n) => `Isolate the device: ${'x'.repeat(5_000)} ${n}`);
const ofMany: Update = { ...retry, narrowing: { steps, leftOut: [] } };

it('names a few of many steps and of many retries, and none in full length', () => {
  const [line = ''] = timelineOf([ofMany]);
  expect(line).toMatch(
    /^Robin Keller \(web\) requested a retry of Isolate the device: x+…;.*; 495 more\. It was/,
  );
  expect(line.length).toBeLessThan(1_000);
  const [many = ''] = timelineOf(Array<Update>(400).fill(ofMany));
  expect(many).toContain('More retries were requested: 395.');
  expect(many.length).toBeLessThan(5_000);
});

it('lists fifty retries and fifty deliveries, and neither hides the other', () => {
  const groups = Array.from({ length: 60 }, () => [[delivery], [retry]]).flat();
  const lines = timelineOf(...groups);
  expect(lines).toHaveLength(100);
  expect(lines.filter((line) => line.includes('Robin Keller'))).toHaveLength(50);
});
