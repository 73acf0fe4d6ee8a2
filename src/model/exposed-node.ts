// Exposure of a host: what one node received, opened and served.
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
  /** Opened on other nodes: the log does not say which node served them. */
  readonly elsewhere: number;
  /** Deposits received by the node. */
  readonly deposits: number;
  /** Unwraps outside sessions, by purpose. */
  readonly keyUses: Readonly<Record<string, number>>;
  /** Data keys re-wrapped across key services: each was in the node's memory for one call. The log has a digest of their deposits. */
  readonly lent: number;
  /** Whether the tenant's metadata key was in the node's memory: it opens all metadata and all blind indexes of the tenant. */
  readonly metadataKey: boolean;
};

/** Uses are counted by the hour, and a metadata key stays in memory for another quarter of an hour. */
const HOUR_MS = 3_600_000;
const KEPT_MS = 900_000;

/** A deposit passes through the node that begins it, and through the one that reads it back. */
const TAKING = ['deposit.started', 'deposit.committing', 'deposit.available'];
const OVER = ['deposit.available', 'deposit.aborted'];

/** Actions that unwrap data keys. Every other key use is a use of the metadata key. */
const DATA_KEY_USES = ['settle', 'reencrypt'];

/** Collects the exposure of a node. */
export function nodeExposureCollector(period: Period, node: string): LogCollector<NodeExposure> {
  const here = sessionCollector(period, (leaf) => leaf.node === node);
  const elsewhere = sessionCollector(period, (leaf) => leaf.node !== node);
  // Deposits of the node that are in progress, or ended in the period.
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
