/** What the process ends with, so that scripts can tell. Listed in README.md. */
export const exitCodes = {
  ok: 0,
  /** Our own fault, or the machine's. */
  unexpected: 1,
  /** Options, files, playbooks or settings that cannot be used. */
  invalid: 2,
  /** The incident was handled and at least one response was not proved. */
  notRemediated: 3,
  /** A decision was sent and does not count: stale, too late, made already, or not this person's to make. */
  refused: 4,
  /** The incident ended without a response because the approval was rejected or expired. */
  notApproved: 5,
  /** A replayed incident did not end as expected, or an orchestrator diverges from a history. */
  differs: 10,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
