// JSON views of legal holds.
import type { HeldRecording } from '../model/hold.ts';
import type { HoldView } from '../vault/holds/view.ts';

/** A hold. */
export function holdToJson({ hold, note, rule, recordings, held, uncovered, ...names }: HoldView) {
  return {
    id: hold.id,
    state: hold.state.toLowerCase(),
    reference: note?.reference ?? null,
    title: note?.title ?? null,
    review: hold.review,
    continuing: hold.continuing,
    rule,
    ...{ recordings, held, uncovered },
    ...{ placed: hold.created, placed_by: hold.placedBy, placed_by_name: names.placedByName },
    ...{ lifted: hold.lifted, lifted_by: hold.liftedBy, lifted_by_name: names.liftedByName },
    damaged: hold.damaged,
  };
}

/** A recording of a hold. */
export function heldRecordingToJson({ recording, covered, lifted }: HeldRecording) {
  return { recording, covered: covered > 0, lifted };
}
