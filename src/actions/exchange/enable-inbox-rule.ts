import { defineResponse } from '../define.js';
import { ruleInputSchema, ruleTarget } from './rules/rule-resolver.js';
import {
  confirmRuleEnabled,
  ruleOutputSchema,
  ruleStatePermissions,
  setRuleEnabled,
  undoRuleEnabled,
} from './rules/rule-state.js';

/** Enables the one disabled inbox rule of a mailbox that was taken for an attacker's. */
export default defineResponse({
  name: 'exchange.enable-inbox-rule',
  title: 'Enable the inbox rule again',
  docs: 'https://learn.microsoft.com/graph/api/messagerule-update',
  entity: 'account',
  input: ruleInputSchema,
  output: ruleOutputSchema,
  permissions: ruleStatePermissions,
  quota: 'graph-outlook',
  calls: 3,
  risk: 'disruptive',
  impact: 'The rule applies to new messages again: it sends them on, deletes them, or hides them.',
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: ruleTarget('disabled'),
  run: (input, ctx) => setRuleEnabled(true, input, ctx),
  confirm: (input, _output, ctx) => confirmRuleEnabled(true, input, ctx),
  undo: {
    describe: 'Disables the rule again, if the responder enabled it and no one changed it since.',
    run: (input, output, ctx, others) => undoRuleEnabled(true, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmRuleEnabled(false, input, ctx),
  },
  lasting: { effect: 'rule-disabled', does: 'end' },
});
