/**
 * The part of the admin API that tools use: host state, functions, keys, and manual invocation. A known path requires
 * the master key; an unknown path or method is a 404.
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { reply, replyChunked, replyJson } from '../http/reply.js';
import type { RequestUrl } from '../http/request-url.js';
import { monotonicNow } from '../real-time.js';
import type { AdminHandler, AdminOptions } from './admin-options.js';
import { functionHandler } from './function-endpoints.js';
import { hostConfig } from './host-config.js';
import { keyHandler } from './key-endpoints.js';

/** Answers a request below `/admin`; returns false if the path is unknown. */
export async function serveAdmin(
  options: AdminOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: RequestUrl,
): Promise<boolean> {
  const path = url.segments.slice(1);
  const [area, name] = path.map((part) => part.toLowerCase());
  const method = request.method ?? 'GET';
  if (area === 'host' && name === 'ping' && path.length === 2 && (method === 'GET' || method === 'POST')) {
    reply(response, 200, { 'Cache-Control': 'no-store,no-cache', Pragma: 'no-cache' });
    return true;
  }
  if (area === 'warmup' && path.length === 1) {
    reply(response, 200);
    return true;
  }
  const action =
    keyHandler(options, method, path) ??
    (area === 'functions' ? functionHandler(options, method, path.slice(1)) : undefined) ??
    (area === 'host' ? hostHandler(options, method, path.slice(1).join('/').toLowerCase()) : undefined);
  if (!action) return false;
  if (options.keys.authorise(request, response, url)) await action(request, response, url);
  return true;
}

function hostHandler(options: AdminOptions, method: string, path: string): AdminHandler | undefined {
  switch (`${method} ${path}`) {
    case 'GET status':
      return (_, response) => replyJson(response, status(options));
    case 'GET config':
      return (_, response) => {
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        replyChunked(response, 200, JSON.stringify(hostConfig(options.settings), undefined, 2));
      };
    case 'GET processes':
      return (_, response) => replyJson(response, { processes: processes() });
    case 'GET drain/status':
      return (_, response) =>
        replyJson(response, {
          state: 'Disabled',
          outstandingInvocations: options.invoker.running,
          outstandingRetries: 0,
        });
    case 'POST synctriggers':
      // Only Azure has a scale controller to sync with.
      return (_, response) =>
        replyJson(response, { status: 'Invalid environment for SyncTriggers operation.' }, 500);
    default:
      return undefined;
  }
}

function status(options: AdminOptions): object {
  return {
    id: options.hostId,
    state: options.hostError === undefined ? 'Running' : 'Error',
    version: options.hostVersion,
    versionDetails: options.hostVersion.replace(/\.0$/, ''),
    platformVersion: '',
    instanceId: '',
    computerName: '',
    ...(options.hostError === undefined ? {} : { errors: [options.hostError] }),
    processUptime: Math.round(monotonicNow()),
    functionAppContentEditingState: 'Unknown',
  };
}

/** The app runs in a thread of this process: there is one process, not a host and a worker. */
function processes(): readonly object[] {
  return [
    { processId: process.pid, processName: basename(process.execPath), isEligibleForOpenInBrowser: false },
  ];
}
