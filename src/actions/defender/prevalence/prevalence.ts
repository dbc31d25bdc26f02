/** How many devices of the organisation have connected to an address or a domain. */
import { z } from 'zod';
import type { ApiPath } from '../../../domain/builders/path.js';
import { ResponderError } from '../../../domain/errors.js';
import type { ActionContext } from '../../define.js';
import { countSchema } from '../files/file-resolver.js';

/** The most that the service looks back. */
export const LOOK_BACK_HOURS = 720;

export const statisticsSchema = z.looseObject({
  organizationPrevalence: countSchema.nullish(),
  orgPrevalence: countSchema.nullish(),
  orgFirstSeen: z.string().nullish(),
  orgLastSeen: z.string().nullish(),
});
type Statistics = z.infer<typeof statisticsSchema>;

export const prevalenceSchema = z.object({
  organizationPrevalence: z
    .number()
    .int()
    .nonnegative()
    .describe('Devices of this tenant that connected to it in the last 30 days'),
  organizationFirstSeen: z.string().optional().describe('ISO 8601, UTC'),
  organizationLastSeen: z.string().optional().describe('ISO 8601, UTC'),
});
type Prevalence = z.infer<typeof prevalenceSchema>;

/** @throws ResponderError `bad-answer` if there is no number: that is not zero. Those of the client. */
export async function readPrevalence<S extends Statistics>(
  where: ApiPath,
  schema: z.ZodType<S>,
  isAboutIt: (answer: S) => boolean,
  { clients, signal }: ActionContext,
): Promise<Prevalence> {
  const { body } = await clients.defender.get(where, schema, { signal });
  const { orgFirstSeen, orgLastSeen } = body;
  const organizationPrevalence = body.organizationPrevalence ?? body.orgPrevalence;
  if (organizationPrevalence === undefined || organizationPrevalence === null)
    throw badAnswer('Defender for Endpoint returned no prevalence.');
  if (!isAboutIt(body)) throw badAnswer('Defender for Endpoint returned the prevalence of something else.');
  return {
    organizationPrevalence,
    ...(orgFirstSeen ? { organizationFirstSeen: orgFirstSeen } : {}),
    ...(orgLastSeen ? { organizationLastSeen: orgLastSeen } : {}),
  };
}

function badAnswer(message: string): ResponderError {
  return new ResponderError({ code: 'bad-answer', message, fault: 'service', retry: 'later' });
}
