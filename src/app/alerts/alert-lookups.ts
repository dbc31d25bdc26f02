/** The instances that look up the incidents of alerts. The same alert of the same submitter has one. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import {
  type AlertLookup,
  type AlertRef,
  type AlertShape,
  alertLookupSchema,
  alertStatusSchema,
} from '../../domain/alert-lookup.js';
import { ResponderError } from '../../domain/errors.js';
import type { Submission } from '../../domain/submission.js';
import { lowerCase } from '../../domain/unicode-text.js';
import { FIND_INCIDENT, START_NOT_SEALED } from '../../orchestrator/index.js';
import { RUNNING } from '../incident-instances.js';
import { packContent } from '../rejected/content.js';
import { sealer } from '../sealing.js';
import { scopeOf } from './alert-scope.js';

/** Of the ids of the instances. */
export const ALERT_PREFIX = 'alert-';

/** Real milliseconds between attempts: another invocation may start the same instance. */
const PAUSES = [50, 250, 1_000];

export interface AlertIntake {
  /** `searching`: its incident is looked up. `duplicate`: that is done already. */
  readonly kind: 'searching' | 'duplicate';
  readonly instanceId: string;
  readonly alertId: string;
}

export interface ReceivedAlert extends Submission {
  readonly alert: AlertRef;
  readonly shape: AlertShape;
  /** With several tenants, that of an authenticated submitter. */
  readonly submitterTenant?: string | undefined;
  readonly content: unknown;
  readonly messageId?: string | undefined;
}

export class AlertLookups {
  readonly #client: df.DurableClient;

  constructor(context: InvocationContext) {
    this.#client = df.getClient(context);
  }

  /**
   * Starts the look-up of an alert, unless it runs. After its end, a repeated message or event is a duplicate if the incident
   * was found. @throws Error if the durable extension is unavailable.
   */
  async start({
    alert,
    shape,
    trigger,
    by,
    submitterTenant,
    content,
    messageId,
  }: ReceivedAlert): Promise<AlertIntake> {
    const packed = await packContent(content);
    const instanceId = instanceIdOf({ alert, content: packed.id, submitter: by?.id });
    const lookup: AlertLookup = {
      alert,
      shape,
      trigger,
      ...(by === undefined ? {} : { by }),
      ...(submitterTenant === undefined ? {} : { submitterTenant }),
      ...(messageId === undefined ? {} : { messageId }),
      content: packed.content,
    };
    for (let attempt = 0; ; attempt++) {
      try {
        const known = await this.#known(instanceId);
        if (known === 'running' || (known === 'found' && trigger !== 'http'))
          return { kind: 'duplicate', instanceId, alertId: alert.id };
        const about = { purpose: 'alert', instanceId, generation: 1, sequence: 0 } as const;
        await this.#client.startNew(FIND_INCIDENT, { instanceId, input: sealer.seal(lookup, about) });
        return { kind: 'searching', instanceId, alertId: alert.id };
      } catch (error) {
        const wait = PAUSES[attempt];
        if (wait === undefined) throw error;
        await pause(wait);
      }
    }
  }

  /** What the instance looks up. @throws ResponderError START_NOT_SEALED if the app did not start it. */
  async read(instanceId: string): Promise<AlertLookup> {
    const { input } = await this.#client.getStatus(instanceId, { showInput: true });
    const opened = sealer.open(input, { purpose: 'alert', instanceId });
    if (!opened.ok) throw new ResponderError(NOT_OURS);
    return alertLookupSchema.parse(opened.content);
  }

  async #known(instanceId: string): Promise<'running' | 'found' | undefined> {
    try {
      const { runtimeStatus, customStatus, input } = await this.#client.getStatus(instanceId, {
        showInput: true,
      });
      if (!sealer.open(input, { purpose: 'alert', instanceId }).ok) return undefined;
      if (RUNNING.includes(runtimeStatus)) return 'running';
      return alertStatusSchema.safeParse(customStatus).data?.state === 'found' ? 'found' : undefined;
    } catch (error) {
      // The client reports a missing instance only in the error message.
      if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
      throw error;
    }
  }
}

interface Identity {
  readonly alert: AlertRef;
  /** Hash of the content. */
  readonly content: string;
  readonly submitter: string | undefined;
}

/**
 * Each submitter has an instance of their own: all of them count as submitters of the incident. So has each content, and each
 * set of workspaces: what one body says about an alert must not keep back another one.
 */
function instanceIdOf({ alert, content, submitter = '' }: Identity): string {
  const { kind, id } = alert;
  const scope = scopeOf(alert);
  const tenant = 'refused' in scope ? '' : (scope.tenant.id ?? '');
  const workspaces = 'workspaces' in scope ? scope.workspaces.map((one) => lowerCase(one.id)) : [];
  const key = JSON.stringify([kind, id, tenant, workspaces, content, submitter]);
  return `${prefixOf(submitter)}${hashOf(key).slice(0, 40)}`;
}

/** How the ids of the look-ups of one submitter begin. */
export const prefixOf = (submitter: string): string =>
  `${ALERT_PREFIX}${hashOf(lowerCase(submitter)).slice(0, 12)}-`;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const NOT_OURS = {
  code: START_NOT_SEALED,
  message: 'The responder did not start this instance; nothing was looked up.',
  fault: 'caller',
  retry: 'no',
} as const;
