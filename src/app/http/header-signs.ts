/**
 * The Functions host decodes headers as UTF-8. The Functions library then throws for a value with a character above
 * U+00FF (https://fetch.spec.whatwg.org/#concept-header-value), and the caller receives 500 before any code of this app
 * runs. This module replaces such characters with one that is valid in headers and has no meaning in any header used here.
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

/** Makes every HTTP call reach its handler. Call it once, after the first registration, which initialises the library. */
export function admitAllHeaders(): void {
  // Only a Functions host provides this module; it is not a package.
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
