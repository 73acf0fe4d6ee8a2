// English texts of one recording and its player.

export const recording = {
  title: 'Recording',
} as const;
