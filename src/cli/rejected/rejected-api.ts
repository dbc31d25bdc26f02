/** Rejected bodies of a running responder. */
import { z } from 'zod';
import {
  contentFormSchema,
  rejectedFactsSchema,
  rejectedStateSchema,
  rejectedSummarySchema,
} from '../../domain/rejected-body.js';
import { Api } from '../api.js';

const entrySchema = rejectedSummarySchema.extend({ id: z.string() });
export type RejectedEntry = z.infer<typeof entrySchema>;
const listSchema = z.object({ rejected: z.array(entrySchema), next: z.string().optional() });

const bodySchema = rejectedFactsSchema.extend({
  id: z.string(),
  content: z
    .object({ form: contentFormSchema, text: z.string().optional(), base64: z.string().optional() })
    .optional(),
});
export type RejectedBodyView = z.infer<typeof bodySchema>;

const resubmissionSchema = z.object({
  id: z.string(),
  results: z.array(
    z.object({
      status: z.string(),
      instanceId: z.string().optional(),
      code: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
});
export type Resubmission = z.infer<typeof resubmissionSchema>;
const droppedSchema = z.object({ id: z.string(), state: rejectedStateSchema });

export class RejectedApi {
  readonly #api: Api;

  constructor({ url, token }: { readonly url: string; readonly token: string }) {
    this.#api = new Api(url, token);
  }

  /** From all pages, the latest first. */
  async list(): Promise<readonly RejectedEntry[]> {
    const all: RejectedEntry[] = [];
    for (let path: string | undefined = '/api/rejected'; path !== undefined; ) {
      const { body }: { body: z.infer<typeof listSchema> } = await this.#api.get(path, listSchema);
      all.push(...body.rejected);
      path = body.next;
    }
    return all.sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
  }

  /** @throws CliError `unknown-rejected`. */
  async show(id: string): Promise<RejectedBodyView> {
    return (await this.#api.get(pathOf(id), bodySchema)).body;
  }

  /** @throws CliError `unknown-rejected`, `dropped`, or the code of the rejection if it is rejected again. */
  async resubmit(id: string): Promise<Resubmission> {
    return (await this.#api.post(`${pathOf(id)}/resubmit`, {}, resubmissionSchema)).body;
  }

  /** @throws CliError `unknown-rejected`. */
  async drop(id: string): Promise<z.infer<typeof droppedSchema>> {
    return (await this.#api.post(`${pathOf(id)}/drop`, {}, droppedSchema)).body;
  }
}

const pathOf = (id: string) => `/api/rejected/${encodeURIComponent(id)}`;
