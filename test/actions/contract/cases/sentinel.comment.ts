import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  input: { slot: 'status', message: '<p>x</p>' },
  lose: (state) => {
    state.comments = [];
  },
} satisfies ResponseCase;
