// English texts of the player's keyboard shortcuts.

export const playerKeys = {
  toggle: 'Play or pause',
  ten: 'Back or forward 10 seconds',
  five: 'Back or forward 5 seconds',
  one: 'Back or forward 1 second',
  volume: 'Louder or quieter',
  mute: 'Sound off or on',
  speed: 'Slower or faster',
  turns: 'Next or previous turn',
  silence: 'Skip silence',
  follow: 'Follow the transcript',
  comment: 'Comment here',
  range: 'Set A, set B',
  clear: 'Clear A and B',
  tenths: 'Jump to a tenth of the call',
  goTo: 'Go to a time',
  zoom: 'Zoom the waveform in or out',
  zoomReset: 'Reset the zoom',
  search: 'Find in the transcript',
  help: 'This list',
  close: 'Close, clear the search',
} as const;
