// An analyst in Teams: approves all steps on the card of the demo incident.
const TENANT = '00000000-0000-4000-8000-0000000000ac';
const CHANNEL = '19:0000000000000000000000000000c001@thread.tacv2';
const ROBIN = '00000000-0000-4000-8000-00000000a102';

/** Clicks once the card exists, if its request is still open. Returns the status of the answer, or that it was not accepted. */
export async function clickOnCard({ state, teams }, url) {
  let message;
  while (message === undefined) {
    message = state().channelMessages.find(({ activity }) => activity.attachments.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { actions, body } = message.activity.attachments[0].content;
  const approve = actions.find(({ verb }) => verb === 'sentinel.approve');
  const choiceSet = body.find(({ type }) => type === 'Input.ChoiceSet');
  // The click of an earlier life was accepted, and the card shows that.
  if (choiceSet === undefined) return 'decided before';
  const selection = choiceSet.choices.map(({ value }) => value).join(',');
  const answer = await teams.send(`${url}/api/messages`, {
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: 'one-click',
    replyToId: message.id,
    from: { id: `29:${ROBIN}`, name: 'Robin Keller', aadObjectId: ROBIN },
    conversation: {
      id: message.conversationId,
      conversationType: 'channel',
      tenantId: TENANT,
      isGroup: true,
    },
    channelData: { tenant: { id: TENANT }, channel: { id: CHANNEL }, source: { name: 'message' } },
    value: {
      action: { type: 'Action.Execute', verb: 'sentinel.approve', data: { ...approve.data, selection } },
      trigger: 'manual',
    },
  });
  return /Try again/.test(answer.text) ? 'not taken' : answer.status;
}
