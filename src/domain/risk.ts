import { z } from 'zod';

/**
 * What a response may cost people and systems, in rising order.
 * `safe`: no one is kept from their work, and nothing is lost. `reversible`: few notice it, and its undo restores what was
 * there before. `disruptive`: people, services or a protection are interrupted. `destructive`: what is lost cannot be
 * restored.
 */
export const riskSchema = z.enum(['safe', 'reversible', 'disruptive', 'destructive']);
export type Risk = z.infer<typeof riskSchema>;
