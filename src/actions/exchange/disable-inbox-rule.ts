import { defineResponse } from '../define.js';
import { ruleInputSchema, ruleTarget } from './rules/rule-resolver.js';
import {
  confirmRuleEnabled,
  ruleOutputSchema,
  ruleStatePermissions,
  setRuleEnabled,
  undoRuleEnabled,
} from './rules/rule-state.js';

/** Disables the one inbox rule of a mailbox that sends messages outside, deletes them, or hides them. */
export default defineResponse({
  name: 'exchange.disable-inbox-rule',
  title: 'Disable the inbox rule that diverts messages',
  docs: 'https://learn.microsoft.com/graph/api/messagerule-update',
  entity: 'account',
  input: ruleInputSchema,
  output: ruleOutputSchema,
  permissions: ruleStatePermissions,
  quota: 'graph-outlook',
  calls: 3,
  risk: 'reversible',
  impact:
    "The rule no longer applies to new messages. If it was the owner's own rule, messages stay in the inbox that used to be moved, deleted or sent on.",
  takesUpTo: '15m',
  idempotent: true,
  captures: ['before'],
  target: ruleTarget('enabled'),
  run: (input, ctx) => setRuleEnabled(false, input, ctx),
  confirm: (input, _output, ctx) => confirmRuleEnabled(false, input, ctx),
  undo: {
    describe: 'Enables the rule again, if the responder disabled it and no one changed it since.',
    run: (input, output, ctx, others) => undoRuleEnabled(false, input, output, ctx, others),
    confirm: (input, _output, ctx) => confirmRuleEnabled(true, input, ctx),
  },
  lasting: { effect: 'rule-disabled', does: 'begin' },
});
