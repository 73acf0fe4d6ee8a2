// English texts of the people page.

export const people = {
  title: 'People and keys',
} as const;
