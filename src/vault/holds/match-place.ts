// A place in the order of a rule's matches, as a hold's row keeps it: `<start> <id>`, empty before the first.
import type { MatchedRecording } from '../../ports/rows/hold-rows.ts';

/** The text of a place. */
export function placeOf(one: MatchedRecording | undefined): string {
  return one === undefined ? '' : `${one.startedAt} ${one.id}`;
}

/** The place of a text; null for the beginning. */
export function placeAt(text: string): MatchedRecording | null {
  const [startedAt = '', id = ''] = text.split(' ');
  return id === '' ? null : { startedAt, id };
}
