// Story of the demo as a list of named steps, and its runner.
import { approveStep, refuseOwnApproval, refuseUnapproved, requestStep, waitForApproval } from './access-steps.ts';
import { fillTheDay } from './day-steps.ts';
import {
  findByNumber,
  keepTenantsApart,
  refuseOtherBytes,
  setUp,
  uploadAgain,
  uploadCalls,
  uploadTranscripts,
} from './deposit-steps.ts';
import { approveInBulk, assignCalls, changePolicy, makeTeams } from './floor-steps.ts';
import {
  listenToAll,
  listenToChinese,
  listenToRanges,
  refuseOthers,
  revoke,
  storeOnlyCiphertext,
} from './listening-steps.ts';
import { checkLogs } from './log-steps.ts';
import { proveReceipt } from './proof-step.ts';
import { findMissing, relayCall } from './relay-steps.ts';
import { askAsCaller, certifyErasure, eraseByTwo } from './subject-steps.ts';
import type { DemoWorld } from './world.ts';

/** A step: returns what it checked, or throws the reason of its failure. */
export type Step = { readonly name: string; readonly run: (world: DemoWorld) => Promise<string> };

const UPLOADS: readonly Step[] = [
  { name: 'two tenants', run: setUp },
  { name: 'upload', run: uploadCalls },
  { name: 'transcripts', run: uploadTranscripts },
];

const FLOOR: readonly Step[] = [
  { name: 'teams by two', run: makeTeams },
  { name: 'a policy by two', run: changePolicy },
  { name: 'approve in bulk', run: approveInBulk },
  { name: 'assign', run: assignCalls },
];

/** Steps that fill the vault, for the demo that keeps running. */
export const SEED_STEPS: readonly Step[] = [...UPLOADS, { name: 'a full day', run: fillTheDay }, ...FLOOR];

/** The whole story. */
export const STORY: readonly Step[] = [
  ...UPLOADS,
  { name: 'upload again', run: uploadAgain },
  { name: 'reject other bytes', run: refuseOtherBytes },
  { name: 'find', run: findByNumber },
  { name: 'keep apart', run: keepTenantsApart },
  { name: 'deny unapproved', run: refuseUnapproved },
  { name: 'request access', run: requestStep },
  { name: 'wait for approval', run: waitForApproval },
  { name: 'deny own approval', run: refuseOwnApproval },
  { name: 'approve', run: approveStep },
  { name: 'listen to ranges', run: listenToRanges },
  { name: 'listen to all', run: listenToAll },
  { name: 'listen in Chinese', run: listenToChinese },
  { name: 'deny others', run: refuseOthers },
  { name: 'relay', run: relayCall },
  { name: 'only ciphertext', run: storeOnlyCiphertext },
  { name: 'revoke', run: revoke },
  ...FLOOR,
  { name: 'call list', run: findMissing },
  { name: 'check the logs', run: checkLogs },
  { name: 'prove an event', run: proveReceipt },
  { name: 'a caller asks', run: askAsCaller },
  { name: 'erase by two', run: eraseByTwo },
  { name: 'certify', run: certifyErasure },
];

/** Result: the exit code, and the first failed step. */
export type StoryResult = {
  readonly code: 0 | 1;
  readonly failed: { readonly step: string; readonly why: string } | null;
};

export type StoryOptions = {
  /** Called after each step that passed. */
  readonly after?: (step: string, world: DemoWorld) => Promise<void>;
  /** Called with a line for each step. */
  readonly tell?: (line: string) => void;
  readonly steps?: readonly Step[];
};

/** Runs the story in a world until its end or the first failed step. The world stays open. */
export async function playStory(
  world: DemoWorld,
  { after, tell, steps = STORY }: StoryOptions = {},
): Promise<StoryResult> {
  for (const { name, run } of steps) {
    try {
      const checked = await run(world);
      tell?.(`✓ ${name} — ${checked}`);
    } catch (error) {
      const why = whyOf(error);
      tell?.(`✗ ${name} — ${why}`);
      return { code: 1, failed: { step: name, why } };
    }
    await after?.(name, world);
  }
  return { code: 0, failed: null };
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
