import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  input: { slot: 'status', message: '<p>x</p>' },
  doneBySomebodyElse: { doesNotCount: "Only the responder's comment has its id." },
  lose: (state) => {
    state.comments = [];
  },
} satisfies ResponseCase;
