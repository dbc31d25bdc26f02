// Where the embedded host differs from the real one and means to: scenario, the paths that may differ, and why.
export const onPurpose = {};
