/**
 * The Functions host reads headers as UTF-8, and the Functions library then throws for each value that has a sign above
 * U+00FF (https://fetch.spec.whatwg.org/#concept-header-value): the caller is told 500 before any code of this app runs.
 * Such signs become ones that a header may have and that mean nothing in any header here.
 */
import { createRequire } from 'node:module';
import { z } from 'zod';

const NOT_IN_HEADERS = /[^\0-\xff]/g;
const INSTEAD = '\u00bf';

interface ProgrammingModel {
  getInvocationModel(context: unknown): unknown;
}
interface CoreModule {
  getProgrammingModel(): ProgrammingModel;
}

const httpInputSchema = z.object({
  data: z.object({
    http: z.object({
      headers: z.record(z.string(), z.string()).nullish(),
      nullableHeaders: z.record(z.string(), z.object({ value: z.string().nullish() })).nullish(),
    }),
  }),
});
const contextSchema = z.object({ request: z.object({ inputData: z.array(z.unknown()) }) });

/** Has every HTTP call reach its handler. To be called once, after the first function: the library sets itself up with it. */
export function admitAllHeaders(): void {
  // Only a Functions host has this module, and it is no package.
  const core = createRequire(import.meta.url)('@azure/functions-core') as CoreModule;
  const model = core.getProgrammingModel();
  const original = model.getInvocationModel.bind(model);
  model.getInvocationModel = (context) => {
    replaceSigns(context);
    return original(context);
  };
}

function replaceSigns(context: unknown): void {
  const parsed = contextSchema.safeParse(context);
  if (!parsed.success) return;
  for (const input of (context as z.infer<typeof contextSchema>).request.inputData) {
    if (!httpInputSchema.safeParse(input).success) continue;
    const { headers, nullableHeaders } = (input as z.infer<typeof httpInputSchema>).data.http;
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (headers) headers[name] = value.replace(NOT_IN_HEADERS, INSTEAD);
    }
    for (const header of Object.values(nullableHeaders ?? {})) {
      if (header.value) header.value = header.value.replace(NOT_IN_HEADERS, INSTEAD);
    }
  }
}
