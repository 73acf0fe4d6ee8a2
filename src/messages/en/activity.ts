// English texts of the activity page.

export const activity = {
  title: 'Activity',
} as const;
