/** One rule that isolates a device at high risk. Its conditions are missing: it is not valid until they are filled in. */
export function playbookText(id: string): string {
  return `# yaml-language-server: $schema=../schema/playbook.schema.json
id: ${id}
title: ${sentence(id)}
description: >-
  FILL_IN: which attack this is, and what the playbook does about it.

# Which incidents, e.g. incident.severity == "high" && incident.title.contains("spray").
# The first playbook that applies is used, in the order of the file names.
when: FILL_IN

enrich:
  - { action: defender.device, as: device, for: host, deadline: 30s }

respond:
  - id: isolate-device
    action: defender.isolate-device
    for: host
    when: FILL_IN # e.g. device.riskScore == "High"
    tier: analysts # of policy/approvals.yaml
    why: FILL_IN, for the approver. Why this response if the condition is true.
`;
}

function sentence(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
