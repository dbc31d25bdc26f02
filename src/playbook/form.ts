/** Building blocks of the schemas of playbooks and policies. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../domain/duration.js';

export const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;

export const sentence = (description: string) => z.string().trim().min(1).max(2_000).describe(description);

export const name = (description: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, e.g. isolate-device')
    .describe(description);

export const duration = (description: string, min: number, max: number, range: string) =>
  z
    .string()
    .regex(DURATION_PATTERN, 'expected a duration: a whole number and s, m, h or d, e.g. 30s or 4h')
    .refine((text) => {
      const ms = parseDuration(text);
      return ms === undefined || (ms >= min && ms <= max);
    }, `expected a duration from ${range}`)
    .describe(`${description} A whole number and a unit: s, m, h or d; from ${range}.`);
