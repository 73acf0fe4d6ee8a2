// English texts of my access.

export const access = {
  title: 'My access',
} as const;
