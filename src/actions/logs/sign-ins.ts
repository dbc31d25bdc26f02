import { z } from 'zod';
import { kql } from '../../domain/builders/kql.js';
import { ResponderError } from '../../domain/errors.js';
import { defineEnrichment } from '../define.js';
import { userResolver } from '../entra/users/user-resolver.js';
import { customerIdOf } from '../incident-workspace.js';
import { knownCount, knownItems } from '../lower-bound.js';

/** Result 0 is a success; 500121 means that the user failed or denied the second factor. */
const QUERY = `SigninLogs
| where UserId =~ tostring(params.user)
| summarize
    Total = count(),
    Succeeded = countif(ResultType == "0"),
    Failed = countif(ResultType != "0"),
    SecondFactorDenied = countif(ResultType == "500121"),
    Risky = countif(RiskLevelDuringSignIn in ("medium", "high")),
    Countries = make_set(Location, 25),
    Addresses = make_set(IPAddress, 50),
    Applications = make_set(AppDisplayName, 25),
    LastSuccess = maxif(TimeGenerated, ResultType == "0")`;
const DAYS = 14;

const count = z.number().int().nonnegative();
const texts = z.array(z.string());
const rowSchema = z.looseObject({
  Total: count,
  Succeeded: count,
  Failed: count,
  SecondFactorDenied: count,
  Risky: count,
  Countries: texts,
  Addresses: texts,
  Applications: texts,
  LastSuccess: z.string().nullish(),
});

/** A user's interactive sign-ins of the last two weeks, in numbers. */
export default defineEnrichment({
  name: 'logs.sign-ins',
  title: 'Summarise recent sign-ins',
  docs: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs',
  entity: 'account',
  resolver: userResolver,
  output: z.object({
    days: count.describe('Number of days that the numbers cover'),
    total: count.optional(),
    succeeded: count.optional(),
    failed: count.optional(),
    secondFactorDenied: count.optional().describe('Failed or denied second factors (result 500121)'),
    risky: count.optional().describe('Sign-ins of medium or high risk'),
    countries: texts.optional().describe('At most 25'),
    addresses: texts.optional().describe('At most 50'),
    applications: texts.optional().describe('At most 25'),
    lastSuccessAt: z.string().optional().describe('ISO 8601, UTC'),
    partial: z
      .boolean()
      .describe(
        'The answer of the workspace was incomplete: numbers and lists are lower bounds, and absent if nothing was found',
      ),
  }),
  permissions: [
    { api: 'Log Analytics API', name: 'Data.Read', why: 'query the workspace' },
    { api: 'Microsoft Graph', name: 'User.Read.All', why: 'find the user' },
    { api: 'Azure RBAC', name: 'Log Analytics Reader', why: 'read the sign-in logs of the workspace' },
  ],
  quota: 'log-analytics',
  calls: 1,
  async run({ id: user }, ctx) {
    const { clients, signal } = ctx;
    const result = await clients.logs.query(customerIdOf(ctx), kql(QUERY, { user }), `P${DAYS}D`, { signal });
    const row = rowSchema.safeParse(result.rows[0]);
    if (!row.success) throw badRow(row.error);
    const { data } = row;
    const number = (value: number) => knownCount(value, !result.partial);
    const list = (values: readonly string[]) =>
      knownItems(
        values.filter((text) => text !== ''),
        !result.partial,
      );
    return {
      days: DAYS,
      total: number(data.Total),
      succeeded: number(data.Succeeded),
      failed: number(data.Failed),
      secondFactorDenied: number(data.SecondFactorDenied),
      risky: number(data.Risky),
      countries: list(data.Countries),
      addresses: list(data.Addresses),
      applications: list(data.Applications),
      ...(data.LastSuccess ? { lastSuccessAt: data.LastSuccess } : {}),
      partial: result.partial,
    };
  },
});

function badRow(problem: z.ZodError): ResponderError {
  return new ResponderError({
    code: 'bad-answer',
    message: 'The workspace did not return a summary of sign-ins.',
    fault: 'service',
    retry: 'no',
    place: problem.issues[0]?.path.join('.') ?? '',
    next: 'Check that the workspace holds the SigninLogs table (Entra diagnostic settings).',
  });
}
