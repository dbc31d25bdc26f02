/** Lists the actions, and prints what one of them declares. */
import { z } from 'zod';
import type { Enrichment, Response } from '../../actions/define.js';
import { type Field, factsOf, fieldsOf, inputOf, undoWords } from '../../actions/reference.js';
import { actions } from '../../actions/registry.generated.js';
import { limitsOf } from '../../actions/services.js';
import { CliError } from '../problem.js';
import { openTerminal, type Paint } from '../terminal.js';

type Action = Enrichment | Response;
interface JsonOption {
  readonly json?: boolean;
}

export function list(options: JsonOption): void {
  const terminal = openTerminal({ json: options.json === true });
  for (const action of actions) {
    if (terminal.json) terminal.data(summaryOf(action));
    else for (const line of summaryLines(action)) terminal.line(line);
  }
}

/** @throws CliError `action-unknown`. */
export function show(name: string, options: JsonOption): void {
  const terminal = openTerminal({ json: options.json === true });
  const action = actionNamed(name);
  if (terminal.json) terminal.data(declarationOf(action));
  else for (const line of declarationLines(action, terminal.paint)) terminal.line(line);
}

function declarationLines(action: Action, paint: Paint): string[] {
  return [
    `${paint('bold', action.name)}  ${action.title}`,
    `  ${action.docs}`,
    ...factsOf(action).map(([label, text]) => row(label.toLowerCase(), text)),
    ...action.permissions.map(({ name, why }, i) => row(i === 0 ? 'because' : '', `${name}: to ${why}`)),
    ...fieldLines('input', fieldsOf(inputOf(action))),
    ...fieldLines('output', fieldsOf(action.output)),
  ];
}

/** @throws CliError `action-unknown`. */
export function actionNamed(name: string): Action {
  const found = actions.find((action) => action.name === name);
  if (found !== undefined) return found;
  const [service = ''] = name.split('.');
  const near = actions.filter((action) => action.name.startsWith(`${service}.`));
  const names = (near.length > 0 ? near : actions).map((action) => action.name);
  throw new CliError('action-unknown', `There is no action "${name}".`, `Use one of: ${names.join(', ')}.`);
}

function summaryOf(action: Action) {
  const { name, kind, title, entity, permissions } = action;
  const more = action.kind === 'response' ? { risk: action.risk, undo: undoWords(action) } : {};
  return { name, kind, title, entity, permissions: permissions.map(({ name }) => name), ...more };
}

function summaryLines(action: Action): string[] {
  const isResponse = action.kind === 'response';
  return [
    `${action.name}  ${action.title}`,
    row('risk', isResponse ? action.risk : 'only reads'),
    row('permissions', action.permissions.map(({ name }) => name).join(', ')),
    ...(isResponse ? [row('undo', undoWords(action))] : []),
  ];
}

/** All that an action declares, as JSON. */
function declarationOf(action: Action) {
  const { name, kind, title, docs, entity, permissions, quota, calls } = action;
  const common = {
    ...{ name, kind, title, docs, entity, permissions },
    quota: { family: quota, limits: limitsOf(quota), calls },
    input: z.toJSONSchema(inputOf(action)),
    output: z.toJSONSchema(action.output),
  };
  if (action.kind === 'enrichment') return common;
  const { risk, impact, takesUpTo, idempotent, captures, lasting } = action;
  const isReversible = !('irreversible' in action.undo);
  const undo = { reversible: isReversible, how: undoWords(action) };
  return { ...common, risk, impact, takesUpTo, idempotent, captures, undo, ...(lasting ? { lasting } : {}) };
}

function fieldLines(title: string, fields: readonly Field[]): string[] {
  return fields.map(({ name, type, meaning, optional }, i) => {
    const about = meaning === '' ? '' : `. ${meaning}`;
    return row(i === 0 ? title : '', `${name}${optional ? '?' : ''}: ${type}${about}`);
  });
}

/** Markdown's code marks are for the reference pages. */
function row(label: string, text: string): string {
  return `  ${label.padEnd(15)}  ${text.replaceAll('`', '')}`;
}
