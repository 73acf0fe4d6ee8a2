// A team as a person wants it: in a proposal, and in the file of a command.
import { z } from 'zod';
import { VaultError } from '../../errors.ts';
import { fieldErrorsOf } from '../field-errors.ts';
import { MAX_MEMBERS, MAX_QUEUES } from './team.ts';

/** A team as it is to be: by id, or a new one. Leads are members; null is the calls without a queue. */
export type WantedTeam = {
  readonly kind: 'team';
  readonly team: string | null;
  readonly name: string;
  readonly members: readonly string[];
  readonly leads: readonly string[];
  readonly queues: readonly (string | null)[];
};

const ids = z.array(z.string()).max(MAX_MEMBERS);
const fileShape = z.strictObject({
  team: z.string().optional(),
  name: z.string().trim(),
  members: ids,
  leads: ids.default([]),
  queues: z.array(z.string().trim().nullable()).max(MAX_QUEUES),
});

/** The team that a file describes; `draftTeam` checks what its members say. Throws `malformed`, naming the first fault. */
export function parseTeam(value: unknown): WantedTeam {
  const parsed = fileShape.safeParse(value);
  if (parsed.success) {
    const { team = null, ...rest } = parsed.data;
    return { kind: 'team', team, ...rest };
  }
  const fields = fieldErrorsOf(parsed.error.issues);
  const [first] = fields;
  throw new VaultError('malformed', `the team is not valid: ${first?.pointer} ${first?.detail}`, { fields });
}
