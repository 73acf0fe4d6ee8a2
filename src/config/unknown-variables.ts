// Variables that callvault does not know: a misspelt CALLVAULT_SIGNER would leave the logs unsealed without a word.

/** A variable that is not known, and the known one that it resembles; null where none does. */
export type UnknownVariable = { readonly name: string; readonly nearest: string | null };

/**
 * What Kubernetes sets for a Service called callvault, or callvault-…: the address of each, in the form of Docker's links. The
 * value of `_PORT` distinguishes it from a setting.
 */
const SERVICE_LINKS = [
  /^CALLVAULT_(?:\w+_)?SERVICE_(?:HOST|PORT(?:_\w+)?)$/,
  /^CALLVAULT_(?:\w+_)?PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/,
];
const LINKED_PORT = { name: /^CALLVAULT_(?:\w+_)?PORT$/, value: /^(?:tcp|udp|sctp):\/\// };

/** Edits between a misspelt name and the right one: one more than a letter and its neighbour. */
const MOST_EDITS = 3;

/** The variables of an environment that begin with CALLVAULT_ and that are not among the known, in order. */
export function unknownVariables(given: NodeJS.ProcessEnv, known: readonly string[]): UnknownVariable[] {
  return Object.entries(given)
    .filter(([name, value]) => name.startsWith('CALLVAULT_') && !known.includes(name) && !isLink(name, value ?? ''))
    .map(([name]) => ({ name, nearest: nearestOf(name, known) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The line about an unknown variable for people: never its value. */
export function unknownVariableText({ name, nearest }: UnknownVariable): string {
  const advice = nearest === null ? 'remove it' : `did you mean ${nearest}?`;
  return `${name} is not a variable of callvault and is ignored: ${advice}`;
}

function isLink(name: string, value: string): boolean {
  return (
    SERVICE_LINKS.some((form) => form.test(name)) || (LINKED_PORT.name.test(name) && LINKED_PORT.value.test(value))
  );
}

function nearestOf(name: string, known: readonly string[]): string | null {
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: editsBetween(name, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return nearest !== undefined && nearest.edits <= MOST_EDITS ? nearest.candidate : null;
}

/** Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  let [older, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwap ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [older, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
