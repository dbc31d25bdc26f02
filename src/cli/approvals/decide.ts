/** Decisions from the command line: shows the steps, and requires a confirmation before it sends the decision. */
import { createInterface } from 'node:readline/promises';
import { isPreselected } from '../../domain/plan.js';
import { count, DECISIONS } from '../../views/index.js';
import type { Approval, DecisionToSend, ResponderApi } from '../approvals-api.js';
import { CliError } from '../problem.js';
import { stripControl } from '../strip-control.js';
import { openTerminal, type Terminal } from '../terminal.js';
import { type CommonOptions, connect } from './connection.js';
import { caseOf, findApproval, isIncidentId } from './find.js';
import { stepLines } from './lines.js';
import { alertLines, leftOutLines } from './reasons.js';
import { resolveSteps } from './steps.js';

type Kind = DecisionToSend['kind'];
export interface DecideOptions extends CommonOptions {
  readonly step: readonly string[];
  readonly reason?: string;
  readonly ifRevision?: string;
  readonly yes?: boolean;
}

export async function decide(kind: Kind, id: string, options: DecideOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const approval = await findApproval(api, id, kind);
  const { request } = approval;
  const etag =
    options.ifRevision === undefined ? approval.etag : `"${options.ifRevision.replaceAll('"', '')}"`;
  const named = await namedSteps(api, id, approval, options.step);
  const steps = kind === 'approve' || kind === 'undo' ? selectSteps(approval, named) : [];
  if (!options.yes) await confirm(api, kind, approval, steps, terminal);
  const result = await api.decide(request.id, etag, { kind, steps, reason: options.reason });
  if (terminal.json) return terminal.data({ kind, requestId: request.id, steps, ...result });
  if (result.status === 'pending') {
    return terminal.line(`sent; not evaluated yet. See: responder approvals show ${request.id}`);
  }
  const about = steps.length === 0 ? request.id : `${count(steps.length, 'step')} of ${request.id}`;
  terminal.line(
    `${terminal.paint('green', '✔')} ${DECISIONS[kind].didTo} ${about}: ${stripControl(result.message)}`,
  );
  for (const { id: stepId, title, target } of approval.steps)
    if (steps.includes(stepId)) terminal.line(`  ${stripControl(title)}: ${stripControl(target)}`);
}

/** A user who names the incident may mean a step of any of its requests. */
async function namedSteps(
  api: ResponderApi,
  id: string,
  { request, steps }: Approval,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const candidates = isIncidentId(id) ? ((await api.caseFile(id)).plan?.steps ?? []) : steps;
  return resolveSteps(names, { requestId: request.id, steps, candidates });
}

/** The named steps; otherwise the selection that others approved; otherwise the same steps that page and card preselect. */
function selectSteps({ request, selection, steps }: Approval, named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  if (selection !== undefined || request.purpose === 'undo') return selection ?? request.stepIds;
  const first = steps.filter((step) => request.stepIds.includes(step.id) && isPreselected(step));
  if (first.length > 0) return first.map(({ id }) => id);
  throw new CliError(
    'nothing-chosen',
    'All steps are irreversible, so none is preselected.',
    `Select steps with --step: ${request.stepIds.join(', ')}`,
  );
}

async function confirm(
  api: ResponderApi,
  kind: Kind,
  approval: Approval,
  steps: readonly string[],
  terminal: Terminal,
): Promise<void> {
  if (terminal.json || process.stdin.isTTY !== true) {
    throw new CliError(
      'not-confirmed',
      `To ${kind}, confirm in a terminal.`,
      'Add --yes to send without confirmation.',
    );
  }
  const { incident, request } = approval;
  const file = await caseOf(api, approval);
  const about = kind === 'reject' || kind === 'extend' ? request.stepIds : steps;
  const left = approval.steps.filter(({ id }) => !about.includes(id));
  for (const line of [
    `${DECISIONS[kind].to} for #${incident.number ?? '?'} ${stripControl(incident.title)} (tier ${request.tier}):`,
    ...(file === undefined ? [] : alertLines(file)),
    ...stepLines(approval, about, file, terminal.paint),
    ...left.map(({ id, title, target }) =>
      stripControl(`  – not selected: ${title}: ${target} (--step ${id})`),
    ),
    ...(file === undefined ? [] : leftOutLines(file, request.id, terminal.paint)),
  ])
    terminal.line(line);
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question(`${kind} this? [y/N] `).finally(() => ask.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('not-confirmed', 'Nothing was sent.');
}
