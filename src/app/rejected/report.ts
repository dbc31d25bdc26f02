/** Reports what was rejected after its trigger had answered: with the outputs of the function that finds it. */
import type { FunctionOutput, InvocationContext } from '@azure/functions';
import { services } from '../services.js';
import { REJECTED_OUTPUTS, type RejectedNotice } from './queues.js';

/** Without a namespace, the output to its queue would fail. */
export const lookupOutputs = (): FunctionOutput[] => [
  REJECTED_OUTPUTS['event-grid'],
  ...(services().config.serviceBus ? [REJECTED_OUTPUTS['service-bus']] : []),
];

/** What came as a message is reported in its namespace, everything else in the storage of the host. */
export function report(notices: readonly RejectedNotice[], context: InvocationContext): void {
  const isMessage = ({ trigger }: RejectedNotice) =>
    trigger === 'service-bus' && services().config.serviceBus;
  const [messages, others] = [notices.filter(isMessage), notices.filter((one) => !isMessage(one))];
  if (messages.length > 0) context.extraOutputs.set(REJECTED_OUTPUTS['service-bus'], messages);
  if (others.length > 0) context.extraOutputs.set(REJECTED_OUTPUTS['event-grid'], others);
}
