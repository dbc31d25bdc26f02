/** An incident that names one of another tenant as the same: everyone who looks at its case sees it, wherever they look. */
import { expect, it } from 'vitest';
import { narrative } from '../../src/app/page/briefing.js';
import { resultLines } from '../../src/cli/result-lines.js';
import type { CaseFile } from '../../src/domain/case-file.js';
import { approvalCard } from '../../src/views/card/index.js';
import { briefing, renderComment } from '../../src/views/index.js';
import { renderShortComment } from '../../src/views/short-comment.js';
import { NOW, REQUEST, VIEW } from './card/states.js';

const paint = (_style: string, text: string) => text;
const CHANNELS: Readonly<Record<string, (view: typeof VIEW) => string>> = {
  page: (view) => narrative(briefing(view)).text,
  card: (view) =>
    JSON.stringify(
      approvalCard({
        view,
        request: REQUEST,
        undo: undefined,
        now: NOW,
        tokens: { request: 'x' },
        links: {},
      }),
    ),
  'comment in Sentinel': renderComment,
  'comment in Defender': renderShortComment,
  terminal: (view) => resultLines({ ...(view as CaseFile), timeline: [] }, undefined, { paint }).join('\n'),
};

it.each(Object.keys(CHANNELS))('%s', (channel) => {
  const render = CHANNELS[channel] ?? expect.fail();
  const warning = 'also an incident of another tenant';
  expect(render({ ...VIEW, namesOtherTenant: true })).toContain(warning);
  expect(render(VIEW)).not.toContain(warning);
});
