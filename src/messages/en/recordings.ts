// English texts of the recordings page.

export const recordings = {
  title: 'Recordings',
} as const;
