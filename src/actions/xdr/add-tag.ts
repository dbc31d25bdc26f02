import { z } from 'zod';
import { incidentFieldAction } from '../incident-field.js';
import { type DefenderProperties, defenderIncidents } from './incidents/incidents.js';

const settings = z.strictObject({
  tag: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'a tag has no control characters')
    .describe('The tag to add'),
});
type Chosen = z.infer<typeof settings>;

const tagsOf = ({ customTags }: DefenderProperties): readonly string[] => customTags ?? [];
const isNamed = ({ tag }: Chosen, other: string): boolean => other.toLowerCase() === tag.toLowerCase();

/** Adds a tag to the incident in Defender. Graph takes the whole list, so one that is added at the same moment may be lost. */
export default incidentFieldAction(
  defenderIncidents,
  {
    value: z.strictObject({ tag: z.string(), isThere: z.boolean() }),
    get: (properties, wanted: Chosen) => ({
      tag: wanted.tag,
      isThere: tagsOf(properties).some((one) => isNamed(wanted, one)),
    }),
    isSet: ({ isThere }) => isThere,
    set: (properties, { tag }) => ({ customTags: [...tagsOf(properties), tag] }),
    restore: (properties, _before, wanted) => ({
      customTags: tagsOf(properties).filter((one) => !isNamed(wanted, one)),
    }),
    words: ({ tag, isThere }) => `${isThere ? 'the' : 'no'} tag “${tag}”`,
  },
  {
    name: 'xdr.add-tag',
    title: 'Add a tag to the incident in Defender',
    risk: 'reversible',
    impact:
      'Queues and rules that look at the tags see the new one. A tag that somebody else adds at the same moment may be lost.',
    undo: 'Removes the tag, if the responder added it. Other tags stay.',
    settings: {
      schema: settings,
      title: ({ tag }) => `Add the tag “${tag}”`,
      variant: ({ tag }) => tag.toLowerCase(),
      changes: ({ tag }) => ({ field: 'label', to: tag }),
    },
  },
);
