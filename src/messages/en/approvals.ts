// English texts of the approvals page.

export const approvals = {
  title: 'Approvals',
} as const;
