// English texts of the keys page.

export const keys = {
  title: 'Keys',
} as const;
