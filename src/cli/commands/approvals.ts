import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { CaseFile } from '../../domain/case-file.js';
import type { Plan } from '../../domain/plan.js';
import { renderCase } from '../../report/index.js';
import { ResponderApi } from '../approvals-api.js';
import { DEFAULT_DATA_DIRECTORY, readRunning } from '../data-directory.js';
import { printable } from '../printable.js';
import { CliError } from '../problem.js';
import { signInToken } from '../sign-in.js';
import { duration, openTerminal, type Terminal } from '../terminal.js';

interface CommonOptions {
  readonly dataDirectory: string;
  readonly json?: boolean;
}
interface DecideOptions extends CommonOptions {
  readonly step: readonly string[];
  readonly reason?: string;
  readonly yes?: boolean;
}

export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('see and decide what waits for an analyst');
  common(approvals.command('list').description('incidents that wait for a decision')).action(list);
  common(
    approvals
      .command('show')
      .description('one incident: its plan, why, and what came of it')
      .argument('<id>', 'instance id, as in the list'),
  ).action(show);
  for (const kind of ['approve', 'reject'] as const) {
    common(
      approvals
        .command(kind)
        .description(`${kind} the plan of an incident`)
        .argument('<id>', 'instance id, as in the list')
        .option('--step <id>', 'a step of the plan; repeat it for more (default: all that ask)', collect, [])
        .option('--reason <text>', 'kept in the case file')
        .option('--yes', 'send without asking'),
    ).action((id: string, options: DecideOptions) => decide(kind, id, options));
  }
  return approvals.addHelpText(
    'after',
    '\nExamples:\n  responder approvals list\n  responder approvals approve incident-… --reason "confirmed with the user"',
  );
}

const collect = (value: string, all: readonly string[]) => [...all, value];

function common(command: Command): Command {
  return command
    .option('--data-directory <path>', "the responder's data directory", DEFAULT_DATA_DIRECTORY)
    .option('--json', 'JSON instead of text');
}

function connect({ dataDirectory }: CommonOptions): ResponderApi {
  const { running, secret } = readRunning(dataDirectory);
  return new ResponderApi(running.url, signInToken(secret, 'cli'));
}

async function list(options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const approvals = await connect(options).approvals();
  if (terminal.json) return terminal.data(approvals);
  if (approvals.length === 0) return terminal.line('nothing waits for a decision');
  for (const { instanceId, number, title, severity, expiresAt } of printable(approvals)) {
    terminal.line(
      `${instanceId}  #${number ?? '?'} ${title ?? ''} (${severity ?? 'unknown'})${left(expiresAt)}`,
    );
  }
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const file = await connect(options).caseFile(id);
  if (terminal.json) terminal.data(file);
  else for (const line of [renderCase(file), ...toDecide(printable(file))]) terminal.line(line);
}

async function decide(kind: 'approve' | 'reject', id: string, options: DecideOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = connect(options);
  const file = await api.caseFile(id);
  const { plan } = file;
  if (plan === undefined) {
    throw new CliError('no-plan', `${id} has no plan to decide on: it is at "${file.stage}".`);
  }
  const steps = options.step.length > 0 ? [...options.step] : asked(plan);
  if (!options.yes) await confirm(kind, printable(file), plan, steps, terminal);
  const sent = await api.decide(id, {
    kind,
    planHash: plan.hash,
    steps,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  const done = kind === 'approve' ? 'approved' : 'rejected';
  if (terminal.json) terminal.data({ kind, instanceId: id, planHash: plan.hash, steps, result: sent });
  else if (sent === 'pending') terminal.line(`sent; not judged yet. See: responder approvals show ${id}`);
  else
    terminal.line(
      `${terminal.paint('green', '✔')} ${done}: ${steps.length} of ${asked(plan).length} steps of ${id}`,
    );
}

/** A person reads what will happen before it does. */
async function confirm(
  kind: string,
  file: CaseFile,
  plan: Plan,
  steps: readonly string[],
  terminal: Terminal,
): Promise<void> {
  if (terminal.json || process.stdin.isTTY !== true) {
    throw new CliError(
      'not-confirmed',
      `To ${kind} needs a person to confirm it.`,
      'Add --yes to send without asking.',
    );
  }
  terminal.line(`${kind} for #${file.number ?? '?'} ${file.title}:`);
  for (const step of printable(plan.steps.filter(({ id }) => steps.includes(id)))) {
    terminal.line(`  ${step.title}: ${step.target}  (${step.risk}; ${step.impact})`);
  }
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question(`${kind} these? [y/N] `).finally(() => ask.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('not-confirmed', 'Nothing was sent.');
}

function asked(plan: Plan): string[] {
  return plan.steps.filter(({ mode }) => mode === 'approval').map(({ id }) => id);
}

/** What a decision has to name. */
function toDecide({ plan, approval }: CaseFile): string[] {
  if (plan === undefined || approval?.state !== 'waiting') return [];
  return [
    `To decide${left(approval.expiresAt)}:`,
    `  plan ${plan.hash}`,
    ...asked(plan).map((id) => `  step ${id}`),
  ];
}

function left(expiresAt: string | undefined): string {
  return expiresAt === undefined ? '' : `, ${duration(Math.max(0, Date.parse(expiresAt) - Date.now()))} left`;
}
