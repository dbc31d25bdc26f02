import { expect, it } from 'vitest';
import { contractTable } from './table.js';

it('is what docs/reference/contract.md shows; otherwise run npm run contract', async () => {
  await expect(contractTable()).toMatchFileSnapshot('../../../docs/reference/contract.md');
});
