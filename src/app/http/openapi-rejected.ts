/** The operations on rejected bodies, for the OpenAPI description. */
import { type Operation, parameter, READING } from './openapi-operation.js';

const REJECTED_ID = parameter('rejectedId', 'path', 'Id of the rejected body, from the list.', {
  type: 'string',
  pattern: '^rejected-[0-9a-f]{40}$',
});
export const REJECTED_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/rejected',
    id: 'listRejected',
    summary: 'Lists the bodies that no trigger could use, in pages, the latest first on each page.',
    parameters: [
      parameter('cursor', 'query', 'The cursor from `next` of the previous page.', { type: 'string' }),
    ],
    good: { 200: ['RejectedList', 'A page of rejected bodies, without their content.', 'Link'] },
    problems: [400, ...READING],
  },
  {
    method: 'get',
    path: '/api/rejected/{rejectedId}',
    id: 'showRejected',
    summary: 'Shows a rejected body: the reason, what analysts did with it, and the whole content.',
    parameters: [REJECTED_ID],
    good: { 200: ['RejectedBody', 'The rejected body.'] },
    problems: [...READING, 404],
  },
  {
    method: 'post',
    path: '/api/rejected/{rejectedId}/resubmit',
    id: 'resubmitRejected',
    summary: 'Submits a rejected body again, unchanged. The caller is recorded as the submitter.',
    parameters: [REJECTED_ID],
    good: { 200: ['Resubmission', 'What became of each item of the body.'] },
    problems: [...READING, 404, 410, 422, 429],
  },
  {
    method: 'post',
    path: '/api/rejected/{rejectedId}/drop',
    id: 'dropRejected',
    summary: 'Deletes the content of a rejected body. The reason, and who dropped it, remain.',
    parameters: [REJECTED_ID],
    good: { 200: ['Dropped', 'The content is deleted.'] },
    problems: [...READING, 404, 429],
  },
];
