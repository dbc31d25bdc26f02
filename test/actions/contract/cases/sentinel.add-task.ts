import type { ResponseCase } from '../case.js';

export default {
  kind: 'response',
  settings: { title: 'Call the owner of the device', description: 'Before it is set up again.' },
  doneBySomebodyElse: { doesNotCount: "Only the responder's task has its id." },
  lose: (state) => {
    state.tasks = [];
  },
} satisfies ResponseCase;
