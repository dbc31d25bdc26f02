/**
 * What Teams requires of the parts of a manifest that are used, checked before anybody uploads it.
 * https://learn.microsoft.com/microsoft-365/extensibility/schema/
 */
import { z } from 'zod';

const guid = z.guid();
const https = z.url({ protocol: /^https$/ }).max(2048);
const text = (longest) => z.string().min(1).max(longest);

export const manifestSchema = z
  .strictObject({
    $schema: z.literal('https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json'),
    manifestVersion: z.literal('1.25'),
    version: z.string().regex(/^[1-9]\d*\.\d+\.\d+$/),
    id: guid,
    developer: z.strictObject({ name: text(32), websiteUrl: https, privacyUrl: https, termsOfUseUrl: https }),
    name: z.strictObject({ short: text(30), full: text(100) }),
    description: z.strictObject({ short: text(80), full: text(4000) }),
    icons: z.strictObject({ color: z.literal('color.png'), outline: z.literal('outline.png') }),
    accentColor: z.string().regex(/^#[0-9A-F]{6}$/),
    bots: z
      .array(
        z.strictObject({
          botId: guid,
          scopes: z.tuple([z.literal('team')]),
          isNotificationOnly: z.literal(false),
          supportsFiles: z.literal(false),
          supportsCalling: z.literal(false),
          supportsVideo: z.literal(false),
        }),
      )
      .length(1),
    defaultInstallScope: z.literal('team'),
    supportsChannelFeatures: z.literal('tier1'),
    validDomains: z.array(z.never()),
  })
  .refine(({ name, description }) => name.short !== description.short, 'name and description are the same');
