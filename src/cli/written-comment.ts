/** The comment on the incident, as the simulated tenant has it. */
import { z } from 'zod';
import { stripControl } from './strip-control.js';

const LINES = 5;
const stateSchema = z.object({
  comments: z.array(z.object({ name: z.string(), properties: z.object({ message: z.string() }) })),
  securityIncidents: z.array(z.object({ comments: z.array(z.object({ comment: z.string() })) })),
});

/**
 * The first lines of the current comment as plain text; undefined if there is none. Its id is its name in Sentinel, and the mark
 * at its end in Defender.
 */
export function writtenComment(tenant: unknown, id: string | undefined): string | undefined {
  const state = stateSchema.safeParse(tenant).data;
  if (state === undefined || id === undefined) return undefined;
  const html = state.comments.find(({ name }) => name === id)?.properties.message;
  const added = state.securityIncidents.flatMap(({ comments }) => comments.map(({ comment }) => comment));
  return (html === undefined ? added.find((comment) => comment.endsWith(id)) : plainText(html))
    ?.split('\n')
    .map(stripControl)
    .filter((line) => line.trim() !== '')
    .slice(0, LINES)
    .join('\n');
}

function plainText(html: string): string {
  return html
    .replace(/<\/(p|li|h\d|tr|div)>|<br *\/?>/g, '\n')
    .replace(/<[^<>]+>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
