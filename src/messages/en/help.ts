// English texts of the help page.

export const help = {
  title: 'Help and shortcuts',
  hear: 'Why can’t I hear this?',
  hear_text:
    'Each recording answers that itself: open it and read the list of checks. The first check that is not passed is boxed, and beside it stands the one thing you can do next.',
  steps: 'From finding to hearing',
  step_find: 'Find the call. Lists show facts only, and numbers are masked.',
  step_ask: 'Ask for it: purpose, reason, how long. Another person decides.',
  step_listen: 'Listen. The strip under the top bar shows who, why and how long; end it any time.',
  step_log: 'Each of these leaves an entry in a log that auditors can check.',
  keys: 'Keys',
  everywhere: 'Everywhere',
  approvals: 'On the approvals page',
  player: 'In the player, while it has the focus',
  off: 'off; turn them on in your account',
  find: 'Search',
  these_keys: 'These keys',
  close: 'Close what is open',
  move: 'Next, previous request',
  approve: 'Approve',
  narrow: 'Narrow',
  refuse: 'Refuse',
} as const;
