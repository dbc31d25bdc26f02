/** Shows the open requests of an earlier process, which continue at the start. */
import type { CaseFile } from '../domain/case-file.js';
import type { ResponderApi } from './approvals-api.js';
import type { Display } from './progress/display.js';
import type { ProgressTracker } from './progress/progress-tracker.js';

export async function showWaitingCases(
  api: ResponderApi,
  display: Display,
  tracker: ProgressTracker,
  now: number,
): Promise<void> {
  const ids = new Set((await api.approvals()).map(({ instanceId }) => instanceId));
  const files = await Promise.all([...ids].map((instanceId) => api.findCaseFile(instanceId)));
  for (const file of files) if (file !== undefined) showWaiting(display, tracker, file, now);
}

function showWaiting(display: Display, tracker: ProgressTracker, file: CaseFile, now: number): void {
  const { instanceId, number, title, approvals } = file;
  const [first] = approvals
    .filter(({ state, purpose }) => state === 'waiting' && purpose === 'respond')
    .map(({ expiresAt }) => expiresAt)
    .sort();
  if (first === undefined) return;
  display.line(`resumed from disk: #${number ?? '?'} ${title}`);
  display.show({ kind: 'waiting', at: now, instanceId, expiresAt: first });
  tracker.markStage(instanceId, 'awaiting-approval', first);
}
