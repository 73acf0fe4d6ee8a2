// Chinese texts of the approvals page.
import type { Catalogue } from '../catalogue.ts';
import type { approvals as english } from '../en/approvals.ts';

export const approvals: Catalogue<typeof english> = {
  title: '审批',
};
