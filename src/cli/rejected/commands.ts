/** Lists, shows, resubmits and drops rejected bodies. */
import { writeFileSync } from 'node:fs';
import { addressOf, type CommonOptions } from '../approvals/connection.js';
import { CliError, messageOf } from '../problem.js';
import { openTerminal } from '../terminal.js';
import { bodyLines, entryLines, resubmissionLines } from './lines.js';
import { RejectedApi, type RejectedBodyView } from './rejected-api.js';

export interface ShowOptions extends CommonOptions {
  readonly output?: string;
}

export async function list(options: CommonOptions & { readonly all?: boolean }): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const all = await new RejectedApi(addressOf(options)).list();
  const entries = options.all ? all : all.filter(({ state }) => state === 'open');
  if (terminal.json) return terminal.data(entries);
  if (entries.length === 0) return terminal.line('no rejected bodies');
  for (const line of entryLines(entries, terminal.paint)) terminal.line(line);
}

export async function show(id: string, options: ShowOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const body = await new RejectedApi(addressOf(options)).show(id);
  if (options.output !== undefined) return save(body, options.output);
  if (terminal.json) return terminal.data(body);
  for (const line of bodyLines(body, terminal.paint)) terminal.line(line);
}

export async function resubmit(ids: readonly string[], options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = new RejectedApi(addressOf(options));
  for (const id of ids) {
    const resubmission = await api.resubmit(id);
    if (terminal.json) terminal.data(resubmission);
    else for (const line of resubmissionLines(resubmission)) terminal.line(line);
  }
}

export async function drop(ids: readonly string[], options: CommonOptions): Promise<void> {
  const terminal = openTerminal({ json: options.json === true });
  const api = new RejectedApi(addressOf(options));
  for (const id of ids) {
    const dropped = await api.drop(id);
    if (terminal.json) terminal.data(dropped);
    else terminal.line(`${dropped.id}  ${dropped.state}`);
  }
}

/** @throws CliError `not-written`; an existing file is never replaced. */
function save({ id, content }: RejectedBodyView, path: string): void {
  if (content === undefined) {
    throw new CliError('dropped', `The content of ${id} was dropped.`, 'Ask the sender to send it again.');
  }
  const bytes =
    content.text === undefined ? Buffer.from(content.base64 ?? '', 'base64') : Buffer.from(content.text);
  try {
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new CliError('not-written', `The content was not written: ${messageOf(error)}`);
  }
}
