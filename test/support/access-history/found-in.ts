// The history that showed each rule last time: tried first, so that a run does not repeat those that show nothing.

/** The number of the history by the rule; the first one for the others. Any number is right, some take longer. */
const FOUND_IN: Readonly<Record<string, number>> = {
  'the owner of a service does not approve its requests': 1,
  'an approver’s account is old enough': 1,
  'a closed request is not approved': 1,
  'an expired request is not approved': 1,
  'an approval only narrows': 3,
  'a grant ends': 1,
  'a grant has few uses': 1,
  'a grant is extended once': 1,
  'a session ends with its grant': 1,
  'a list that is altered after the passkey does not count': 4,
  'a proof counts for five minutes': 2,
  'another person approves a change of people': 1,
  'a change is decided once': 2,
  'only privacy and admin approve changes': 3,
  'a lead of the queue decides first': 1,
  'the approver is of another team': 2,
  'one person takes nobody out of a team that keeps them from approving': 1,
  'only an admin takes a member away': 1,
  'the policy says what can be assigned': 3,
  'one person assigns only where one approves': 2,
  'only a reviewer gets calls': 6,
  'a reviewer gets calls of their teams': 5,
  'what is altered after the passkey is not assigned': 14,
  'what is finished opens nothing': 1,
  'what is withdrawn or replaced opens nothing': 13,
  'what is finished is not replaced': 6,
  'only an admin removes roles': 1,
  'a deactivated person’s grants end': 2,
  'a deactivated person’s requests end': 1,
  'a role that is removed no longer listens': 3,
};

/** The numbers of so many histories, with the one that showed the rule last time before the others. */
export function historiesFor(rule: string, count: number): readonly number[] {
  const likely = FOUND_IN[rule] ?? 0;
  return [likely, ...Array.from({ length: count }, (_, seed) => seed).filter((seed) => seed !== likely)];
}
