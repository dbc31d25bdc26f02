import { checkGraphRequest } from './graph-requests.js';
import type { Checked, SentRequest } from './sent-request.js';
import { checkSentinelRequest } from './sentinel-requests.js';

const CHECKS: Readonly<Record<string, (request: SentRequest) => Checked>> = {
  'graph.microsoft.com': checkGraphRequest,
  'management.azure.com': checkSentinelRequest,
};

interface Difference {
  readonly operation: string;
  readonly problem: RegExp;
  readonly why: string;
  readonly docs: string;
}

const LISTS =
  'The metadata calls the records `directoryObject`. The service returns users and devices, with the properties of these.';

/** What is documented, or known to work, and not in the metadata. */
export const DIFFERENCES: readonly Difference[] = [
  {
    operation: 'GET /v1.0/users/{id}/directReports',
    problem: /^\$select: microsoft\.graph\.directoryObject has no \w+$/,
    why: LISTS,
    docs: 'https://learn.microsoft.com/graph/api/user-list-directreports',
  },
  {
    operation: 'GET /v1.0/users/{id}',
    problem: /^\$select: microsoft\.graph\.directoryObject has no userPrincipalName$/,
    why: 'The metadata calls the manager a `directoryObject`. The service returns a user, with the properties of a user.',
    docs: 'https://learn.microsoft.com/graph/api/user-list-manager',
  },
  {
    operation: 'GET /v1.0/users/{id}/ownedDevices',
    problem: /^\$select: microsoft\.graph\.directoryObject has no (deviceId|displayName)$/,
    why: LISTS,
    docs: 'https://learn.microsoft.com/graph/api/user-list-owneddevices',
  },
  {
    operation: 'GET /v1.0/users/{id}/registeredDevices',
    problem: /^\$select: microsoft\.graph\.directoryObject has no (deviceId|displayName)$/,
    why: LISTS,
    docs: 'https://learn.microsoft.com/graph/api/user-list-registereddevices',
  },
  {
    operation: 'POST /v1.0/security/runHuntingQuery',
    problem: /^the body cannot have (Query|Timespan)$/,
    why: 'The documentation writes the parameters with a capital letter, the metadata without.',
    docs: 'https://learn.microsoft.com/graph/api/security-security-runhuntingquery',
  },
];

/** Undefined: nothing is published about the service. A difference that is known is not a problem. */
export function check(
  request: SentRequest,
): (Checked & { readonly differences: readonly Difference[] }) | undefined {
  const checked = checkOf(request);
  if (checked === undefined) return undefined;
  const { operation, problems } = checked;
  const known = (problem: string) =>
    DIFFERENCES.find((one) => one.operation === operation && one.problem.test(problem));
  const differences = problems.flatMap((problem) => known(problem) ?? []);
  return { ...checked, differences, problems: problems.filter((problem) => known(problem) === undefined) };
}

function checkOf(request: SentRequest): Checked | undefined {
  try {
    return CHECKS[request.url.host]?.(request);
  } catch (error) {
    // A type that is not among the facts.
    const operation = `${request.method} ${request.url.pathname}`;
    return { operation, parts: [], problems: [error instanceof Error ? error.message : String(error)] };
  }
}
