/** The management URLs of an instance, and the input of a durable client binding. */

import { randomBytes } from 'node:crypto';

export interface TaskHub {
  readonly name: string;
  readonly connection: string;
  /** The system key, appended to every link. */
  readonly key: string;
}

/** Where the management API answers, behind the system key. */
export const WEBHOOK_PATH = '/runtime/webhooks/durabletask';
/**
 * Where it answers the app's own client, which sends no key, on a port of its own, as in the real host. The path itself is
 * the secret: any web page in a browser on this machine can reach the port.
 */
export const rpcPath = (): string => `/durabletask/${randomBytes(24).toString('hex')}`;

const suffix = (hub: TaskHub): string =>
  `taskHub=${encodeURIComponent(hub.name)}&connection=${encodeURIComponent(hub.connection)}&code=${encodeURIComponent(hub.key)}`;

/** As .NET's WebUtility does it. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%20/g, '+').replace(/~/g, '%7E').replace(/'/g, '%27');

/** @param origin `http://127.0.0.1:7071` */
export function managementUrls(origin: string, hub: TaskHub, instanceId: string): Record<string, string> {
  const prefix = `${origin}${WEBHOOK_PATH}/instances/${encoded(instanceId)}`;
  const query = suffix(hub);
  return {
    id: instanceId,
    statusQueryGetUri: `${prefix}?${query}`,
    sendEventPostUri: `${prefix}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${prefix}/terminate?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${prefix}?${query}`,
    restartPostUri: `${prefix}/restart?${query}`,
    suspendPostUri: `${prefix}/suspend?reason={text}&${query}`,
    resumePostUri: `${prefix}/resume?reason={text}&${query}`,
  };
}

/** The JSON text that a `durableClient` input binding gets. @param rpcBaseUrl with a slash at its end */
export function durableClientBinding(origin: string, hub: TaskHub, rpcBaseUrl: string): string {
  const { id: _id, ...links } = managementUrls(origin, hub, 'INSTANCEID');
  const start = `${origin}${WEBHOOK_PATH}/orchestrators/{functionName}[/{instanceId}]`;
  const query = suffix(hub);
  const { statusQueryGetUri, sendEventPostUri, terminatePostUri, ...others } = links;
  return JSON.stringify({
    taskHubName: hub.name,
    connectionName: hub.connection,
    creationUrls: {
      createNewInstancePostUri: `${start}?code=${encodeURIComponent(hub.key)}`,
      createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=${encodeURIComponent(hub.key)}`,
    },
    managementUrls: {
      id: 'INSTANCEID',
      statusQueryGetUri,
      sendEventPostUri,
      terminatePostUri,
      rewindPostUri: `${origin}${WEBHOOK_PATH}/instances/INSTANCEID/rewind?reason={text}&${query}`,
      ...others,
    },
    baseUrl: `${origin}${WEBHOOK_PATH}`,
    requiredQueryStringParameters: `code=${encodeURIComponent(hub.key)}`,
    rpcBaseUrl,
  });
}
