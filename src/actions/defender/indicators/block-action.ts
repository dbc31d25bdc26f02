/** Declares a response that blocks something on all devices: everything but its target is the same. */

import type { Duration } from '../../../domain/duration.js';
import type { EntityKind } from '../../../domain/entities.js';
import { type ActionContext, defineResponse, type Permission, type Response } from '../../define.js';
import { type BlockOutput, block, blockOutputSchema } from './block.js';
import { confirmBlocked, confirmUnblocked, unblock } from './block-undo.js';
import { type IndicatorInput, indicatorInputSchema } from './indicators.js';

type BlockResponse<K extends EntityKind> = Response<IndicatorInput, BlockOutput, K>;

interface BlockDeclaration<K extends EntityKind>
  extends Pick<BlockResponse<K>, 'name' | 'title' | 'entity' | 'impact'> {
  readonly target: NonNullable<BlockResponse<K>['target']>;
  /** After that Defender ends it. */
  readonly lasts: Duration;
  readonly permissions?: readonly Permission[];
  /** Throws if it must not be blocked. */
  readonly precheck?: (input: IndicatorInput, ctx: ActionContext) => Promise<void>;
}

export function blockAction<K extends EntityKind>(declaration: BlockDeclaration<K>): BlockResponse<K> {
  const { lasts, permissions = [], precheck, ...words } = declaration;
  return defineResponse<IndicatorInput, BlockOutput, K>({
    ...words,
    docs: 'https://learn.microsoft.com/defender-endpoint/api/post-ti-indicator',
    input: indicatorInputSchema,
    output: blockOutputSchema,
    permissions: [
      ...permissions,
      {
        api: 'WindowsDefenderATP',
        name: 'Ti.ReadWrite.All',
        why: 'block something on all devices, and see the indicators of others',
      },
    ],
    quota: 'defender-indicators',
    // One more for a precheck.
    calls: precheck === undefined ? 2 : 3,
    risk: 'disruptive',
    takesUpTo: '15m',
    // It is overwritten with the same content.
    idempotent: true,
    captures: ['before'],
    async run(input, ctx) {
      await precheck?.(input, ctx);
      return block(input, lasts, ctx);
    },
    confirm: confirmBlocked,
    undo: {
      describe:
        'Deletes the indicator, if the responder created it, no one changed it since, and no other incident relies on it.',
      run: unblock,
      confirm: confirmUnblocked,
    },
    lasting: { effect: 'indicator', does: 'begin' },
  });
}
