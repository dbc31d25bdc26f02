import { type ErrorInfo, ResponderError } from '../domain/errors.js';

/** A problem in a playbook. `place` is `file:line:column`, both counted from 1. */
export type PlaybookProblem = ErrorInfo & { readonly place: string };

export function problem(code: string, place: string, message: string, next?: string): PlaybookProblem {
  return { code, message, fault: 'caller', retry: 'no', place, ...(next === undefined ? {} : { next }) };
}

/** One line for each problem: place, message, what to do. */
export function describeProblems(problems: readonly PlaybookProblem[]): string {
  return problems
    .map((p) => `${p.place}: ${p.message}${p.next === undefined ? '' : ` (${p.next})`} [${p.code}]`)
    .join('\n');
}

/** All problems as one error, for callers that cannot continue without the playbooks. */
export function playbookError(problems: readonly PlaybookProblem[]): ResponderError {
  const [first] = problems;
  return new ResponderError({
    code: 'playbook-invalid',
    message: describeProblems(problems),
    fault: 'caller',
    retry: 'no',
    next: 'fix the playbook files, then start again',
    ...(first === undefined ? {} : { place: first.place }),
  });
}
