// The rules of access: what must be switched off to break each, and what the oracle then says.

/** `names`: more than one where rules cover one another. `theme`: which histories are about it. */
export type Rule = {
  readonly rule: string;
  readonly names: readonly string[];
  readonly says: string;
  readonly theme: Theme;
  /** Whether it is tried on each engine. */
  readonly isInSql: boolean;
};

export type Theme = 'access' | 'proofs' | 'changes' | 'teams' | 'people' | 'policy' | 'batches';

type Line = readonly [rule: string, says: string, ...names: string[]];

const ABOUT: Readonly<Record<Theme, readonly Line[]>> = {
  access: [
    ['the requester does not approve', 'decided by the human who asked', 'another-person@decide'],
    ['the owner of a service does not approve its requests', 'decided by the human who asked', 'owners'],
    ['a service does not approve', 'decided by a service', 'approver-is-person@decide'],
    ['an approver’s account is old enough', 'decided by a young approver', 'approver-old-enough'],
    [
      'a closed request is not approved',
      'decided after it was closed',
      ...['request-open', 'not-decided-before', 'authentic'],
    ],
    ['an expired request is not approved', 'decided after it expired', 'request-not-expired'],
    ['an approval only narrows', 'approved for longer than asked', 'narrowing'],
    ['a revoked grant opens nothing', 'opened after the grant had ended', 'grant-live', 'authentic'],
    ['a grant ends', 'opened after the clock', 'grant-not-expired'],
    ['a grant has few uses', 'opened too often', 'uses-left', 'authentic'],
    ['the first listen starts the clock', 'opened for longer than approved', 'clock'],
    ['an extension was approved', 'extended without approval', 'extension-approved'],
    ['a grant is extended once', 'extended twice', 'not-extended'],
    ['an extension follows the first listen', 'extended outside of its time', 'clock-started'],
    [
      'revoking stops what plays',
      'served after it had ended',
      ...['session-live@listen', 'grant-live@listen', 'served-count@listen'],
    ],
    ['a session ends with its grant', 'served after the clock', 'session-live@listen', 'grant-not-expired@listen'],
  ],
  proofs: [
    ['only supervisors approve', 'decided by another role', 'approver-role@decide', 'permission:access.decide'],
    ['a decision in the browser is signed', 'decided without a proof', 'proof'],
    [
      'a list that is altered after the passkey does not count',
      'decided what was not signed',
      'proof-token',
      'proof-signature',
    ],
    ['a proof counts once', 'a proof given twice', 'proof-once'],
    ['a proof counts for five minutes', 'decided with an old proof', 'proof-time'],
    ['a proof decides as many as the policy allows', 'more decisions by one proof than the policy allows', 'bulk'],
  ],
  policy: [
    ['a key decides only where the policy says so', 'decided by a key', 'step-up@decide'],
    ['the policy says how many approve', 'opened with too few approvals', 'approvals'],
    [
      'the policy says for which purposes',
      'asked by a role that the policy does not let listen',
      ...['purpose-known', 'role-fits-purpose', 'basis-covers-purpose', 'objects-allowed', 'not-too-long'],
    ],
    [
      'the policy says which roles ask',
      'asked by a role that the policy does not let listen',
      'role-fits-purpose@request',
    ],
    [
      'the policy says which roles listen',
      'opened by a role that the policy does not let listen',
      'role-fits-purpose@open',
    ],
    [
      'a new policy stops what plays',
      'served to a role that the policy does not let listen',
      'role-fits-purpose@listen',
      'purpose-known@listen',
    ],
    ['the policy says what can be requested', 'asked for what the policy does not give', 'objects-allowed'],
    ['the policy says for how long', 'asked for longer than the policy allows', 'not-too-long'],
    ['the policy says how many requests are open', 'asked while too many were open', 'open-requests'],
    ['the policy says how many sessions are live', 'opened while too many were live', 'sessions-at-once'],
  ],
  changes: [
    ['another person approves a policy', 'a change of kind policy by one person', 'another-person@changes.policy'],
    [
      'another person approves a change of people',
      'a change of kind people by one person',
      'another-person@changes.people',
    ],
    [
      'another person approves a change of a team',
      'a change of kind team by one person',
      'another-person@changes.team',
    ],
    ['nobody approves a row about themselves', 'a row approved by its own person', 'gains-nothing'],
    [
      'only privacy and admin approve changes',
      'a change approved by another role',
      ...['approver-role', 'permission:change.decide', 'permission:change.read'],
    ],
    ['each kind of change has who proposes it', 'a change proposed by another role', 'proposer-role'],
    ['a passkey signs the approval of a change', 'a change approved without a passkey', 'proof-signature'],
    ['a passkey of the proposer signs a change', 'a change approved that its proposer did not sign', 'proposer-signed'],
    ['a change expires', 'a change approved after it expired', 'change-not-expired'],
    ['a change is approved on what it was proposed on', 'a change approved on what had changed', 'base-current'],
    ['a change is decided once', 'a change approved after it was decided', 'change-open', 'canBecome', 'authentic'],
  ],
  teams: [
    ['people ask for calls of their teams', 'asked out of scope', 'scope@request'],
    ['people decide on calls of their teams', 'decided out of scope', 'scope@decide'],
    ['people revoke on calls of their teams', 'revoked out of scope', 'scope@revoke'],
    ['a lead of the queue decides first', 'decided by no lead of the queue', 'lead-of-queue'],
    ['the approver is of another team', 'decided by someone of the same team', 'other-team'],
    [
      'one person takes nobody out of a team that keeps them from approving',
      'a member taken out by one person where approvers must be of another team',
      'rules-of-others@teams.remove-member',
    ],
    ['only an admin takes a member away', 'a team changed by one person of another role', 'permission:people.remove'],
  ],
  batches: [
    ['the maker assigns nothing to themselves', 'assigned to the human who assigns', 'maker-is-another'],
    ['a lead of the queue assigns', 'assigned by no lead of the queue', 'maker-leads-queue'],
    ['the policy says what can be assigned', 'assigned for a purpose that is not assignable', 'assignable'],
    ['one person assigns only where one approves', 'assigned where more must approve', 'one-approval'],
    ['only a reviewer gets calls', 'assigned to another role', 'reviewer-role', 'role-fits-purpose'],
    ['a reviewer gets calls of their teams', 'assigned to someone who does not see it', 'reviewer-in-scope'],
    [
      'what is altered after the passkey is not assigned',
      'assigned what was not signed',
      'proof-token',
      'proof-signature',
      'proof@batches',
    ],
    ['what is finished opens nothing', 'opened after it was finished', 'grant-live', 'authentic'],
    ['what is withdrawn or replaced opens nothing', 'opened after the grant had ended', 'grant-live', 'authentic'],
    ['what is finished is not replaced', 'replaced what was finished', 'replaceable'],
  ],
  people: [
    ['a new approver waits', 'decided by a young approver', 'approving-since'],
    ['only an admin removes roles', 'roles removed by another role', 'permission:people.remove'],
    ['a deactivated person’s grants end', 'opened after the grant had ended', 'end-access'],
    ['a deactivated person’s requests end', 'decided for a person who is off', 'end-access', 'requester-active'],
    [
      'a role that is removed no longer listens',
      'served to a role that the policy does not let listen',
      'role-fits-purpose@listen',
    ],
    [
      'a role that is removed no longer decides',
      'decided by another role',
      'approver-role@decide',
      'permission:access.decide',
    ],
    ['who asks is trained', 'asked without training', 'trained@request'],
    ['who listens is trained', 'opened without training', 'trained@open'],
  ],
};

/** Rules that statements and locks hold up, not only checks: on each engine. */
const IN_SQL: readonly string[] = [
  ...['a closed request is not approved', 'a grant has few uses', 'a proof counts once', 'a change is decided once'],
  ...['people decide on calls of their teams', 'the approver is of another team', 'a deactivated person’s grants end'],
];

export const RULES: readonly Rule[] = Object.entries(ABOUT).flatMap(([theme, lines]) =>
  lines.map(([rule, says, ...names]) => {
    return { rule, says, names, theme: theme as Theme, isInSql: IN_SQL.includes(rule) };
  }),
);
