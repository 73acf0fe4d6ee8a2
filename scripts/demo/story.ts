// The story of the demo as a list of named steps, and how it is played.
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
import {
  listenToAll,
  listenToChinese,
  listenToRanges,
  refuseOthers,
  revoke,
  storeOnlyCiphertext,
} from './listening-steps.ts';
import { checkLogs } from './log-steps.ts';
import type { DemoWorld } from './world.ts';

/** One step: it does something and says what it checked, or throws why it failed. */
export type Step = { readonly name: string; readonly run: (world: DemoWorld) => Promise<string> };

const UPLOADS: readonly Step[] = [
  { name: 'two tenants', run: setUp },
  { name: 'upload', run: uploadCalls },
  { name: 'transcripts', run: uploadTranscripts },
];

/** The steps that fill the vault: what the demo that stays up begins with. */
export const SEED_STEPS: readonly Step[] = [...UPLOADS, { name: 'a full day', run: fillTheDay }];

/** The whole story. */
export const STORY: readonly Step[] = [
  ...UPLOADS,
  { name: 'upload again', run: uploadAgain },
  { name: 'refuse other bytes', run: refuseOtherBytes },
  { name: 'find', run: findByNumber },
  { name: 'keep apart', run: keepTenantsApart },
  { name: 'refuse unapproved', run: refuseUnapproved },
  { name: 'ask', run: requestStep },
  { name: 'wait for approval', run: waitForApproval },
  { name: 'refuse own approval', run: refuseOwnApproval },
  { name: 'approve', run: approveStep },
  { name: 'listen to ranges', run: listenToRanges },
  { name: 'listen to all', run: listenToAll },
  { name: 'listen in Chinese', run: listenToChinese },
  { name: 'refuse others', run: refuseOthers },
  { name: 'only ciphertext', run: storeOnlyCiphertext },
  { name: 'revoke', run: revoke },
  { name: 'check the logs', run: checkLogs },
];

/** How it ended: the exit code, and the first step that failed. */
export type StoryResult = {
  readonly code: 0 | 1;
  readonly failed: { readonly step: string; readonly why: string } | null;
};

export type StoryOptions = {
  /** Called after each step that passed. */
  readonly after?: (step: string, world: DemoWorld) => Promise<void>;
  /** Hears a line for each step. */
  readonly tell?: (line: string) => void;
  readonly steps?: readonly Step[];
};

/** Plays the story in a world until its end or the first step that fails. The world stays open. */
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
