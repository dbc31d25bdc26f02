import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import type { SentinelProperties } from './incidents/incidents.js';
import { sentinelIncidents } from './incidents/incidents.js';

const settings = z.strictObject({
  label: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'a label has no control characters')
    .describe('The label to add'),
});
type Chosen = z.infer<typeof settings>;

/** Sentinel compares labels without case. */
const isNamed = ({ label }: Chosen, { labelName }: { readonly labelName: string }): boolean =>
  labelName.toLowerCase() === label.toLowerCase();
const labelsOf = ({ labels }: SentinelProperties) => labels ?? [];

/** Adds a label to the incident. Labels of others stay. */
export default incidentFieldAction(
  sentinelIncidents,
  {
    value: z.strictObject({ label: z.string(), isThere: z.boolean() }),
    get: (properties, wanted: Chosen) => ({
      label: wanted.label,
      isThere: labelsOf(properties).some((one) => isNamed(wanted, one)),
    }),
    isSet: ({ isThere }) => isThere,
    set: (properties, { label }) => ({
      labels: [...labelsOf(properties), { labelName: label }],
    }),
    restore: (properties, _before, wanted) => ({
      labels: labelsOf(properties).filter((one) => !isNamed(wanted, one)),
    }),
    words: ({ label, isThere }) => `${isThere ? 'the' : 'no'} label “${label}”`,
  },
  {
    name: 'sentinel.add-label',
    title: 'Add a label to the incident',
    risk: 'reversible',
    impact: 'Queues and automation rules that look at the labels see the new one.',
    undo: 'Removes the label, if the responder added it. Other labels stay.',
    settings: {
      schema: settings,
      title: ({ label }) => `Add the label “${label}”`,
      variant: ({ label }) => label.toLowerCase(),
      changes: ({ label }) => ({ field: 'label', to: label }),
    },
  },
);
