// English texts of the help page.

export const help = {
  title: 'Help and shortcuts',
  hear: 'Why can’t I listen?',
  hear_text:
    'Open the recording and read its list of checks. The first check that did not pass is highlighted, next to what you can do.',
  steps: 'From finding to listening',
  step_find: 'Find the call. Lists show facts only, and numbers are masked.',
  step_ask: 'Request access: purpose, reason, how long. Another person decides.',
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
  choose: 'Select a call',
  choose_range: 'Select all calls from the last one',
  choose_move: 'Next, previous call',
  approve: 'Approve',
  narrow: 'Narrow',
  refuse: 'Deny',
} as const;
