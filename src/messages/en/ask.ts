// English texts of asking for access.

export const ask = {
  title: 'Ask to listen',
} as const;
