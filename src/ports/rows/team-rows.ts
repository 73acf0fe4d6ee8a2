// Rows of teams, their members and queues.
import type { Team, TeamMember, TeamQueue, TeamsWithParts } from '../../model/team/team.ts';
import type { ChangeableAuthorityRows, FindableRows } from './versioned.ts';

export type TeamRows = FindableRows<Team> & {
  /** All teams of the tenant, oldest first, also those that have ended. */
  readonly all: (tenant: string) => Promise<Team[]>;
  /** Members and queues of these teams; at most some hundreds of teams at a time. */
  readonly members: (tenant: string, teams: readonly string[]) => Promise<TeamMember[]>;
  readonly queues: (tenant: string, teams: readonly string[]) => Promise<TeamQueue[]>;
  /** The teams that a person is a member of, with the person's own memberships, and the teams' queues. */
  readonly ofPerson: (tenant: string, person: string) => Promise<TeamsWithParts>;
};

/** Deletions return whether there was such a row. It leaves no MAC behind; the team's own row gets a new one. */
export type TeamWrites = TeamRows &
  ChangeableAuthorityRows<Team> & {
    readonly insertMember: (row: TeamMember) => Promise<void>;
    readonly deleteMember: (row: Pick<TeamMember, 'tenant' | 'team' | 'person'>) => Promise<boolean>;
    readonly insertQueue: (row: TeamQueue) => Promise<void>;
    readonly deleteQueue: (row: Pick<TeamQueue, 'tenant' | 'team' | 'queue'>) => Promise<boolean>;
  };
