// The statements that the IAM page adds for volume mode, and templates with them.
import type { Policy } from '../support/iam.ts';
import { textOf } from './documents.ts';
import { type Role, template } from './iam-table.ts';

type Statement = Policy['Statement'][number];

const section = textOf('docs/operations/iam.md').split('## Volume mode')[1]?.split('\n## ')[0] ?? '';
const added = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json ?? '') as Statement);

/** The statements by name, in the page's order. */
export const SIDS = added.map(({ Sid }) => Sid);

/** The statements for the processes that open KEKs and for rewrap, and those for operators. */
export function statementsFor(role: Role): readonly Statement[] {
  return added.filter(({ Sid }) => (Sid === 'UnwrapTenantKeks') === (role !== 'operator'));
}

/** The role's template, changed as the page describes. */
export function withKeks(role: Role): Policy {
  const text = JSON.stringify(template(role)).replaceAll('["object","kek"]', '["object"]');
  const policy = JSON.parse(text) as Policy;
  return { ...policy, Statement: [...policy.Statement, ...statementsFor(role)] };
}
