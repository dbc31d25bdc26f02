/** Exit codes of the process, for scripts. Listed in README.md. */
export const exitCodes = {
  ok: 0,
  /** A fault of the responder or of the machine. */
  unexpected: 1,
  /** Invalid options, files, playbooks or settings. */
  invalid: 2,
  /** The incident was handled, but at least one response is not proved. */
  notRemediated: 3,
  /** Decision refused: stale, expired, already decided or not authorised. */
  refused: 4,
  /** The incident ended without a response: the request was rejected or expired. */
  notApproved: 5,
  /** A replayed incident did not end as expected, or an orchestrator diverges from a history. */
  differs: 10,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
