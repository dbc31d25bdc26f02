/**
 * Look-ups that ended with an error, or that someone terminated: their alerts are stored like those without an incident, so
 * that they are in the list of rejected bodies and reported.
 */
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { AlertLookup } from '../../domain/alert-lookup.js';
import { queryInstances } from '../instance-pages.js';
import { logFailure } from '../log-failure.js';
import { notAnIncident } from '../refusals.js';
import type { RejectedNotice } from '../rejected/queues.js';
import { lookupOutputs, report } from '../rejected/report.js';
import { ALERT_PREFIX, AlertLookups } from './alert-lookups.js';
import { type AlertRejection, keepAlert } from './keep-alert.js';

const WITHOUT_END = ['Failed', 'Terminated', 'Canceled'];
/** Limit for one pass. The next pass continues: what is stored is purged. */
const MOST_PAGES = 30;

export function registerFailedLookups(): void {
  app.timer('keepFailedLookups', {
    schedule: '0 10 * * * *',
    extraInputs: [df.input.durableClient()],
    extraOutputs: lookupOutputs(),
    handler: (_timer, context) => keepFailed(context),
  });
}

async function keepFailed(context: InvocationContext): Promise<void> {
  const notices: RejectedNotice[] = [];
  const query = { prefix: ALERT_PREFIX, statuses: WITHOUT_END };
  let continuation: string | undefined;
  try {
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await queryInstances(context, { ...query, continuation });
      for (const { instanceId } of page.statuses) notices.push(...(await keepOne(instanceId, context)));
      continuation = page.continuation;
      if (continuation === undefined) break;
    }
  } catch (error) {
    logFailure(context, 'Failed to store the alerts of look-ups that ended without a result', error);
  }
  // What was stored is reported, whatever became of the others.
  report(notices, context);
}

/** Nothing for an instance that the app did not start: it is no alert. */
async function keepOne(instanceId: string, context: InvocationContext): Promise<RejectedNotice[]> {
  const lookup = await new AlertLookups(context).read(instanceId).catch(() => undefined);
  if (lookup === undefined) return [];
  const notice = await keepAlert(lookup, withoutResult(lookup), context);
  await df.getClient(context).purgeInstanceHistory(instanceId);
  return [notice];
}

const withoutResult = ({ shape }: AlertLookup): AlertRejection => ({
  code: shape,
  reason: `${notAnIncident(shape)}, and the look-up of its incident ended with an error, or was terminated.`,
  next: 'Submit the stored body again.',
});
