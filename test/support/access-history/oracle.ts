// What a log of access must show, worked out from its events and from what clients sent, by no code of the product but its
// types.
import type { Leaf } from '../../../src/model/log/leaf.ts';
import { ACCESS, serve } from './access-oracle.ts';
import { BATCHES } from './batch-oracle.ts';
import { CHANGES } from './changes-oracle.ts';
import { type Known, newState } from './state.ts';

/** Follows a history as it happens. `wrong` has what no history may show, in words. */
export type Oracle = {
  readonly known: Known;
  readonly wrong: readonly string[];
  /** The next event of the log. */
  readonly follow: (leaf: Leaf) => void;
  /** Content of a session was sent now. */
  readonly served: (session: string, at: number) => void;
};

const FOLLOW = { ...CHANGES, ...ACCESS, ...BATCHES };

export function createOracle(): Oracle {
  const state = newState({ policies: new Map(), queues: new Map(), proposals: new Map(), signed: new Map() });
  return {
    known: state.known,
    wrong: state.wrong,
    follow: (leaf) => {
      if (leaf.outcome === 'ok') FOLLOW[leaf.action]?.(state, leaf);
    },
    served: (session, at) => serve(state, session, at),
  };
}
