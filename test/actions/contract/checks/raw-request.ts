import { z } from 'zod';
import { apis, type Clients } from '../../../../src/actions/services.js';
import type { RestClient, WouldSend } from '../../../../src/connectors/index.js';
import type { ApiPath } from '../../../../src/domain/builders/path.js';
import { ResponderError } from '../../../../src/domain/errors.js';
import type { Contoso } from '../../contoso.js';

/** Sends a request once more, whatever the state is. The service may refuse it. */
export async function sendAgain(request: WouldSend, { clients }: Contoso): Promise<void> {
  const url = new URL(request.url);
  const where = `${url.pathname}${url.search}` as ApiPath;
  const client = clientOf(url.host, clients);
  const options = request.ifMatch === undefined ? {} : { ifMatch: request.ifMatch };
  try {
    switch (request.method) {
      case 'POST':
        await client.post(where, request.body, z.unknown(), options);
        return;
      case 'PUT':
        await client.put(where, request.body, z.unknown(), options);
        return;
      case 'PATCH':
        await client.patch(where, request.body, z.unknown(), options);
        return;
      default:
        await client.delete(where, options);
    }
  } catch (error) {
    if (!(error instanceof ResponderError) || error.info.httpStatus === undefined) throw error;
  }
}

function clientOf(host: string, clients: Clients): RestClient {
  for (const [name, api] of Object.entries(apis)) {
    const client = clients[name as keyof Clients];
    if (api.host === host && 'post' in client) return client;
  }
  throw new Error(`No API has the host ${host}.`);
}
