// Exposure of a host: what one node took in, opened and let be heard.
import { type ExposedSession, sessionCollector } from './exposed-sessions.ts';
import {
  type AffectedRecordings,
  addAffected,
  type ExposureWay,
  type LogCollector,
  type Period,
  textMemberOf,
  windowCounter,
} from './exposure.ts';
import type { Leaf } from './log/leaf.ts';

export type NodeExposure = {
  readonly affected: AffectedRecordings;
  /** Opened on the node. */
  readonly sessions: readonly ExposedSession[];
  /** Opened on other nodes: the log does not say which node sent their pieces. */
  readonly elsewhere: number;
  /** Deposits whose bytes passed through the node. */
  readonly deposits: number;
  /** Unwraps outside sessions, by what for. */
  readonly keyUses: Readonly<Record<string, number>>;
  /** Data keys that were re-wrapped across key services: each was in the node's memory for one call. Of which deposits, the log has a digest. */
  readonly lent: number;
  /** The tenant's metadata key was in the node's memory: with it all metadata and all blind indexes of the tenant. */
  readonly metadataKey: boolean;
};

/** Uses are counted by the hour, and a metadata key stays in memory for another quarter. */
const HOUR_MS = 3_600_000;
const KEPT_MS = 900_000;

/** Bytes of a deposit pass through the node where it begins, and where it is read back. */
const TAKING = ['deposit.started', 'deposit.committing', 'deposit.available'];
const OVER = ['deposit.available', 'deposit.aborted'];

/** Unwraps of data keys: whatever else a key was used for, it was the metadata key. */
const DATA_KEY_USES = ['settle', 'reencrypt'];

/** Reads what a node did. */
export function nodeExposureCollector(period: Period, node: string): LogCollector<NodeExposure> {
  const here = sessionCollector(period, (leaf) => leaf.node === node);
  const elsewhere = sessionCollector(period, (leaf) => leaf.node !== node);
  // Deposits of the node that are under way, or that ended in the period.
  const deposits = new Map<string, string>();
  const opened = new Set<string>();
  const uses = new Map<string, ReturnType<typeof windowCounter>>();
  let metadataKey = false;
  let lent = 0;

  const takeDeposit = (leaf: Leaf): void => {
    const { id } = leaf.object;
    if (TAKING.includes(leaf.action) && leaf.node === node) deposits.set(id, textMemberOf(leaf, 'recording'));
    if (OVER.includes(leaf.action) && leaf.ts < period.since) deposits.delete(id);
  };
  const takeUse = (leaf: Leaf): void => {
    const hourEnd = (Math.floor(Date.parse(leaf.ts) / HOUR_MS) + 1) * HOUR_MS;
    if (hourEnd + KEPT_MS < Date.parse(period.since)) return;
    if (leaf.action === 'tenant.created') {
      metadataKey = true;
      return;
    }
    const why = textMemberOf(leaf, 'why');
    const count = uses.get(why) ?? windowCounter();
    uses.set(why, count);
    count.add(leaf);
    const recording = textMemberOf(leaf, 'recording');
    if (recording !== '') opened.add(recording);
    else if (!DATA_KEY_USES.includes(why)) metadataKey = true;
  };

  return {
    add: (leaf) => {
      if (leaf.ts > period.until || leaf.outcome !== 'ok') return;
      here.add(leaf);
      elsewhere.add(leaf);
      takeDeposit(leaf);
      if ((leaf.action === 'key.used' || leaf.action === 'tenant.created') && leaf.node === node) takeUse(leaf);
      const moved = leaf.action === 'key.rewrapped' && leaf.node === node && leaf.ts >= period.since;
      if (!moved || textMemberOf(leaf, 'how') !== 'lent') return;
      if (textMemberOf(leaf, 'use') === 'metadata') metadataKey = true;
      else lent += Number(leaf.object['count'] ?? 0);
    },
    result: () => {
      const sessions = here.result();
      const affected = new Map<string, Set<ExposureWay>>();
      for (const { recording } of sessions) addAffected(affected, recording, 'session');
      for (const recording of deposits.values()) addAffected(affected, recording, 'deposit');
      for (const recording of opened) addAffected(affected, recording, 'key');
      const keyUses = Object.fromEntries([...uses].map(([why, count]) => [why, count.total()]));
      return {
        affected,
        sessions,
        elsewhere: elsewhere.result().length,
        deposits: deposits.size,
        keyUses,
        lent,
        metadataKey,
      };
    },
  };
}
