/** Rejected bodies as lines of text. Pure. Their content may be hostile, so control characters are removed. */
import { describeSubmitter, TRIGGER_NAMES } from '../../domain/submission.js';
import { count, shortTime } from '../../views/index.js';
import { stripControl } from '../strip-control.js';
import type { Paint } from '../terminal.js';
import type { RejectedBodyView, RejectedEntry, Resubmission } from './rejected-api.js';

/** The number of characters of the content that are shown. */
const SHOWN = 2_000;

export function entryLines(entries: readonly RejectedEntry[], paint: Paint): string[] {
  return entries.map(({ id, state, code, reason, trigger, count: times, lastAt, bytes }) => {
    const more = [
      TRIGGER_NAMES[trigger],
      count(bytes, 'byte'),
      ...(times > 1 ? [`${times} times`] : []),
      ...(state === 'open' ? [] : [state]),
    ];
    return `${id}  ${paint('bold', code)}  ${more.join(', ')}, ${shortTime(lastAt)}\n  ${stripControl(reason)}`;
  });
}

export function bodyLines(body: RejectedBodyView, paint: Paint): string[] {
  const { id, state, code, reason, next, path, items, trigger, messageId, submittedBy, bytes } = body;
  const submitters = [submittedBy ?? [], ...(body.alsoSubmittedBy ?? [])].flat();
  return [
    paint('bold', id),
    `state      ${state}`,
    `reason     ${stripControl(reason)} (${code})`,
    ...(path === '' ? [] : [`place      ${stripControl(path)}`]),
    ...(items === undefined
      ? []
      : [`items      ${items} of its items were rejected; this is the first reason`]),
    `next       ${stripControl(next)}`,
    `received   ${TRIGGER_NAMES[trigger]}${messageId === undefined ? '' : `, message ${stripControl(messageId)}`}`,
    ...submitters.map((by) => `submitted  by: ${stripControl(describeSubmitter({ trigger, by }))}`),
    `when       ${body.count > 1 ? `${body.count} times, from ${shortTime(body.firstAt)} to ` : ''}${shortTime(body.lastAt)}`,
    `size       ${count(bytes, 'byte')}`,
    ...body.actions.map(
      ({ kind, at, by, results }) =>
        `${paint('dim', shortTime(at))}  ${stripControl(by.name)} ${kind === 'drop' ? 'dropped it' : `submitted it again: ${results.join(', ')}`}`,
    ),
    ...contentLines(body, paint),
  ];
}

function contentLines({ id, content }: RejectedBodyView, paint: Paint): string[] {
  if (content === undefined) return [];
  const { text, base64 = '' } = content;
  const shown = text ?? base64;
  const isCut = shown.length > SHOWN;
  return [
    paint('dim', text === undefined ? 'content, bytes in base64:' : 'content, without control characters:'),
    stripControl(shown.slice(0, SHOWN)),
    ...(isCut
      ? [
          paint(
            'dim',
            `… ${shown.length - SHOWN} more characters: responder rejected show ${id} --output FILE`,
          ),
        ]
      : []),
  ];
}

export function resubmissionLines({ id, results }: Resubmission): string[] {
  return results.map(
    ({ status, instanceId, code, reason }) =>
      `${id}  ${status}${instanceId === undefined ? '' : `  ${instanceId}`}${code === undefined ? '' : `  ${code}: ${stripControl(reason ?? '')}`}`,
  );
}
