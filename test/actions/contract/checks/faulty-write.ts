/** The one write of a response, and a tenant that answers it wrongly. */
import type { Fault, LoggedCall } from 'tenant-simulator';
import { expect } from 'vitest';
import type { Response } from '../../../../src/actions/define.js';
import type { Contoso } from '../../contoso.js';
import { type Approved, actNow, inTenant } from '../act.js';
import type { ResponseCase } from '../case.js';

/** The same in each tenant. */
const writes = new WeakMap<Response, Promise<LoggedCall>>();

export function writeOf(action: Response, given: ResponseCase): Promise<LoggedCall> {
  const known = writes.get(action);
  if (known !== undefined) return known;
  const found = findWrite(action, given);
  writes.set(action, found);
  return found;
}

async function findWrite(action: Response, given: ResponseCase): Promise<LoggedCall> {
  const found: LoggedCall[] = [];
  await inTenant(action, given, async (contoso, approved) => {
    expect(await actNow(action, approved, contoso)).toMatchObject({ state: 'requested' });
    const [write, ...more] = contoso.writes();
    expect(more).toEqual([]);
    found.push(...contoso.simulator.calls().filter(({ method, path }) => `${method} ${path}` === write));
  });
  const [write] = found;
  if (write === undefined) throw new Error(`${action.name} sends no write.`);
  return write;
}

/** The first answer to the write is faulty. */
export async function withFault(
  action: Response,
  given: ResponseCase,
  answer: Fault['answer'],
  test: (contoso: Contoso, approved: Approved) => Promise<void>,
): Promise<void> {
  const { host, method, path } = await writeOf(action, given);
  await inTenant(action, given, async (contoso, approved) => {
    contoso.simulator.addFault({ host, method, path: exactly(path), times: 1, answer });
    await test(contoso, approved);
  });
}

export function exactly(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
