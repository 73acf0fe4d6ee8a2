// Ids of recordings that a person typed or pasted, one or more in a line.

const RECORDING = /^rec_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

export type TypedIds = {
  /** The ids, each once, in their order. */
  readonly ids: readonly string[];
  /** Words that are no id of a recording. */
  readonly wrong: readonly string[];
};

/** Reads a text: ids apart by spaces, commas or lines. */
export function idsIn(text: string): TypedIds {
  const given = [...new Set(text.split(/[\s,;，；、]+/).filter((word) => word !== ''))];
  return { ids: given.filter((word) => RECORDING.test(word)), wrong: given.filter((word) => !RECORDING.test(word)) };
}

/** Whether the text has ids alone, and not too many. */
export function areIds(text: string, most: number): boolean {
  const { ids, wrong } = idsIn(text);
  return ids.length > 0 && ids.length <= most && wrong.length === 0;
}
