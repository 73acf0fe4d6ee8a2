// Teams and their columns.
import type { TeamMember } from '../../model/team/team.ts';
import { flagColumn, isSet, type Mapping } from './mapping.ts';

export type TeamMemberColumns = Omit<TeamMember, 'lead'> & { readonly lead: number };

export const teamMembers: Mapping<TeamMember, TeamMemberColumns> = {
  toNoun: ({ tenant, team, person, lead, mac }) => ({ tenant, team, person, lead: isSet(lead), mac }),
  toColumns: ({ tenant, team, person, lead, mac }) => ({ tenant, team, person, lead: flagColumn(lead), mac }),
};
