/** Builds the app for Teams: `npm run teams:package -- --bot-id <GUID> --url https://<host>`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { colorIcon, outlineIcon } from '../teams/icons.mjs';
import { manifestSchema } from '../teams/manifest-schema.mjs';
import { zip } from '../teams/zip.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const USAGE =
  'npm run teams:package -- --bot-id <GUID of the bot> --url https://<host name of the responder>';

try {
  const { values } = parseArgs({
    options: { 'bot-id': { type: 'string' }, url: { type: 'string' }, out: { type: 'string' } },
  });
  const { 'bot-id': botId, url, out = join(root, 'dist/teams/sentinel-responder.zip') } = values;
  if (botId === undefined || url === undefined) throw new Error('--bot-id and --url are needed.');
  const template = readFileSync(join(root, 'teams/manifest.json'), 'utf8');
  const filled = template
    .replaceAll('{{BOT_ID}}', botId.toLowerCase())
    .replaceAll('{{URL}}', url.replace(/\/+$/, ''));
  const parsed = manifestSchema.safeParse(JSON.parse(filled));
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The manifest would not be right:\n  ${wrong.join('\n  ')}`);
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(
    out,
    zip({
      'manifest.json': Buffer.from(`${JSON.stringify(parsed.data, undefined, 2)}\n`),
      'color.png': colorIcon(),
      'outline.png': outlineIcon(),
    }),
  );
  console.log(
    `${relative(process.cwd(), out)}: upload it in the Teams admin centre, then add the app to the team.`,
  );
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nUsage: ${USAGE}`);
  process.exitCode = 2;
}
