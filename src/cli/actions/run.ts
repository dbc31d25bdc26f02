/** Runs one action in the simulated tenant of a fixture: finds the record, acts, proves the effect, undoes it. */
import type { ActionResult, CallContext } from '../../actions/call.js';
import type { Confirmation, Enrichment, PrecheckResult, Response, RunResult } from '../../actions/define.js';
import {
  confirmResponse,
  confirmUndo,
  resolveTarget,
  runEnrichment,
  runResponse,
  undoResponse,
} from '../../actions/run.js';
import { durationMs } from '../../domain/duration.js';
import { ResponderError } from '../../domain/errors.js';
import { recordWords, type TargetRecord } from '../../domain/target.js';
import { exitCodes } from '../exit-codes.js';
import { findFixture } from '../fixture.js';
import { CliError } from '../problem.js';
import { stripControl } from '../strip-control.js';
import { openTerminal, type Terminal } from '../terminal.js';
import { actionNamed } from './show.js';
import { queryOfIncident, settingsOf, targetOf } from './target.js';
import { type CommandTenant, startTenant } from './tenant.js';

export interface RunOptions {
  readonly target: readonly string[];
  readonly with: readonly string[];
  readonly fixture: string;
  readonly dryRun?: boolean;
  readonly undo?: boolean;
  readonly json?: boolean;
}

/** @throws CliError, ResponderError. Sets the exit code if the effect, or its undo, is not proved. */
export async function runAction(name: string, options: RunOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const action = actionNamed(name);
  if (options.undo) requireUndo(action, options.dryRun === true);
  const settings = settingsOf(action, options.with);
  const isOnIncident = action.entity === 'incident' && options.target.length === 0;
  const target = isOnIncident ? undefined : targetOf(action, options.target);
  const tenant = await startTenant(findFixture(options.fixture), action, options.dryRun === true);
  try {
    const query =
      action.kind === 'response' && isOnIncident
        ? queryOfIncident(action, tenant.context('incident').incident)
        : target;
    const chosen = { query, settings };
    if (action.kind === 'enrichment') await look(action, query, tenant, terminal);
    else if (options.dryRun) await tryOut(action, chosen, tenant, terminal);
    else await carryOut(action, chosen, options.undo === true, tenant, terminal);
  } finally {
    await tenant.stop();
  }
}

interface Chosen {
  /** For the record, or the input of a response without one. */
  readonly query: unknown;
  readonly settings: unknown;
}

function requireUndo(action: Enrichment | Response, isDryRun: boolean): void {
  if (isDryRun)
    throw new CliError('undo-invalid', 'A dry run has nothing to undo.', 'Leave --undo or --dry-run out.');
  if (action.kind === 'enrichment') throw new CliError('undo-invalid', `${action.name} only reads.`);
  if ('irreversible' in action.undo)
    throw new CliError('undo-invalid', `${action.name} cannot be undone: ${action.undo.irreversible}`);
}

async function look(
  action: Enrichment,
  query: unknown,
  tenant: CommandTenant,
  terminal: Terminal,
): Promise<void> {
  const result = await runEnrichment(action, query, tenant.context('command line'));
  if (!result.ok) throw new ResponderError(result.error);
  const { record, value } = result;
  print(terminal, { kind: 'finding', record, output: value }, [
    `${action.name}  ${recordWords(record)}`,
    ...Object.entries(value).map(([name, found]) => row(name, text(found))),
  ]);
}

/** Writes nothing. */
async function tryOut(
  action: Response,
  chosen: Chosen,
  tenant: CommandTenant,
  terminal: Terminal,
): Promise<void> {
  const { input, context } = await resolved(action, chosen, tenant, terminal);
  const result = await act(action, input, context);
  const { requests } = tenant;
  if (requests.length === 0 && !result.ok) throw new ResponderError(result.error);
  for (const request of requests) {
    const { method, url, ifMatch, body } = request;
    print(terminal, { kind: 'would-send', ...request }, [
      row('would send', `${method} ${url}`),
      ...(ifMatch === undefined ? [] : [row('', `If-Match: ${ifMatch}`)]),
      ...(body === undefined ? [] : [row('', text(body))]),
    ]);
  }
  if (requests.length === 0 && result.ok) said(terminal, result.value.state, result.value.evidence);
  if (!terminal.json) terminal.line('dry run: nothing was sent');
}

async function carryOut(
  action: Response,
  chosen: Chosen,
  undo: boolean,
  tenant: CommandTenant,
  terminal: Terminal,
): Promise<void> {
  const { input, context } = await resolved(action, chosen, tenant, terminal);
  const ran = requireOk(await act(action, input, context));
  said(terminal, ran.state, ran.evidence);
  const { output } = ran;
  const proved = await prove(action, tenant, terminal, '', () =>
    confirmResponse(action, input, output, context),
  );
  if (!proved || !undo) return;
  const undone = requireOk(await undoResponse(action, input, output, context));
  if (undone.state === 'not-ours') return failed(terminal, 'not undone', undone.reason);
  said(terminal, `undo ${undone.state}`, undone.evidence);
  await prove(action, tenant, terminal, 'undo ', () => confirmUndo(action, input, output, context));
}

/** The one record, and the input for it. A response on the incident has its input already. */
async function resolved(
  action: Response,
  chosen: Chosen,
  tenant: CommandTenant,
  terminal: Terminal,
): Promise<{ readonly input: unknown; readonly context: CallContext }> {
  if (action.target === undefined) {
    if (!terminal.json) terminal.line(`${action.name}  the incident`);
    return { input: chosen.query, context: tenant.context('incident') };
  }
  const found = requireOk(await resolveTarget(action, chosen.query, tenant.context('command line')));
  if (!found.ok) throw new CliError(found.code, found.reason, 'Give an identifier that only one record has.');
  const { record, others = [] } = found;
  const { settings } = chosen;
  const input = settings === undefined ? found.input : { ...Object(found.input), settings };
  if (others.length > 0) throw severalTargets([found, ...others]);
  print(terminal, { kind: 'target', record, input }, [`${action.name}  ${recordWords(record)}`]);
  return { input, context: { ...tenant.context(`${record.kind}:${record.id}`), record } };
}

function severalTargets(targets: readonly { readonly record: TargetRecord }[]): CliError {
  const each = targets.map(({ record }) => recordWords(record)).join('; ');
  return new CliError(
    'ambiguous-target',
    `It has several targets: ${each}.`,
    'A playbook proposes each of them as a step of its own.',
  );
}

/** The precheck, if there is one, and the act. */
async function act(
  action: Response,
  input: unknown,
  context: CallContext,
): Promise<ActionResult<RunResult<unknown> | PrecheckResult>> {
  const first = await runResponse(action, input, context);
  if (!first.ok || first.value.state !== 'prechecked') return first;
  return runResponse(action, input, { ...context, prechecked: true });
}

/** Reads back until the effect shows, in virtual time. */
async function prove(
  action: Response,
  tenant: CommandTenant,
  terminal: Terminal,
  what: '' | 'undo ',
  confirm: () => Promise<ActionResult<Confirmation>>,
): Promise<boolean> {
  const since = tenant.clock.now();
  let last = '';
  for (;;) {
    const seen = requireOk(await confirm());
    if (seen.state === 'confirmed') {
      const { proof, evidence } = seen;
      print(terminal, { kind: `${what}confirmed`, proof, evidence }, [row(`${what}confirmed`, proof)]);
      return true;
    }
    const why = seen.state === 'failed' ? seen.reason : seen.status;
    const passed = tenant.clock.now() - since;
    if (seen.state === 'failed' || passed > durationMs(action.takesUpTo)) {
      failed(terminal, `${what}${seen.state === 'failed' ? 'failed' : 'unconfirmed'}`, why);
      return false;
    }
    if (why !== last) print(terminal, { kind: `${what}pending`, status: why }, [row(`${what}pending`, why)]);
    last = why;
    tenant.pass(Math.max(FIRST_PAUSE_MS, passed / 4));
  }
}
const FIRST_PAUSE_MS = 15_000;

function said(terminal: Terminal, state: string, evidence: Readonly<Record<string, string>>): void {
  const words = Object.entries(evidence).map(([name, value]) => `${name}=${value}`);
  print(terminal, { kind: state, evidence }, [row(state, words.join(' '))]);
}

function failed(terminal: Terminal, state: string, reason: string): void {
  print(terminal, { kind: state, reason }, [row(state, reason)]);
  process.exitCode = exitCodes.notRemediated;
}

function print(terminal: Terminal, data: object, lines: readonly string[]): void {
  if (terminal.json) terminal.data(data);
  else for (const line of lines) terminal.line(stripControl(line));
}

function requireOk<T extends object>(result: ActionResult<T>): T {
  if (result.ok) return result.value;
  throw new ResponderError(result.error);
}

function row(label: string, what: string): string {
  return `  ${label.padEnd(14)}  ${what}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
