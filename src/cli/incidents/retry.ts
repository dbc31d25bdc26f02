import { type CommonOptions, connect } from '../approvals/connection.js';

const DONE = {
  reading: 'The incident is read again now.',
  updated: 'What is unfinished is proposed again. Another approver has to decide about it.',
  restarted: 'A new run begins. Another approver has to decide about what it proposes.',
} as const;

/** @throws CliError `unknown-incident`, `still-running`, `end-is-final`. */
export async function retry(id: string, options: CommonOptions): Promise<void> {
  const { status, instanceId } = await connect(options).retry(id);
  const text = options.json ? JSON.stringify({ status, instanceId }) : `${instanceId}: ${DONE[status]}`;
  process.stdout.write(`${text}\n`);
}
