/** Faults for coming calls. */
import type { Fault } from './types.js';

export interface Faults {
  add(fault: Fault): void;
  /** Returns the fault for this call and decrements its count; the first one added takes precedence. */
  consume(host: string, method: string, path: string): Fault | undefined;
}

export function createFaults(first: readonly Fault[]): Faults {
  let waiting: { readonly fault: Fault; left: number; skip: number }[] = [];
  const add = (fault: Fault): void => {
    waiting.push({ fault, left: fault.times, skip: fault.skip ?? 0 });
  };
  for (const fault of first) add(fault);
  return {
    add,
    consume: (host, method, path) => {
      const found = waiting.find(({ fault, left }) => left > 0 && applies(fault, host, method, path));
      if (found === undefined) return undefined;
      if (found.skip > 0) {
        found.skip -= 1;
        return undefined;
      }
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault;
    },
  };
}

function applies(fault: Fault, host: string, method: string, path: string): boolean {
  // A global expression keeps its last index and would match only every other time.
  const pattern = new RegExp(fault.path.source, fault.path.flags.replace(/[gy]/g, ''));
  const sameMethod = fault.method === undefined || fault.method.toUpperCase() === method;
  return fault.host === host && sameMethod && pattern.test(path);
}
