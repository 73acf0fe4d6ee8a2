// What decides about the recordings of a subject request, and what an answer says of each.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Facts } from '../../model/facts.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { isErased, type Recording, type RecordingSummary } from '../../model/recording.ts';
import type { RulesInForce } from '../../model/retention/lifetime.ts';
import { type RecordingLifetime, recordingLifetime } from '../../model/retention/recording-lifetime.ts';
import type { OutcomeFacts } from '../../model/subject/outcome.ts';
import type { Heard, SubjectRequest, ToldRecording } from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { heardOf } from './heard.ts';

/** What the survey of a request's recordings is made with: the rules in force, and the moment. */
export type SurveyContext = {
  readonly metadataKey: SecretKey;
  readonly version: RulesInForce | null;
  readonly now: string;
  readonly heard: (recording: string) => Promise<readonly Heard[]>;
};

/** What surveys of this tenant's recordings are made with. */
export async function surveyContext(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: Pick<Tenant, 'tenant' | 'retention'>,
): Promise<SurveyContext> {
  const { policy } = await policyInForce(rows, metadataKey, tenant.tenant);
  return {
    metadataKey,
    version: await rulesInForce(rows, metadataKey, tenant),
    now: await rows.now(),
    heard: heardOf(rows, tenant.tenant, policy),
  };
}

/** A recording that is there: its facts, how long it stays, and what decides about its outcome. */
export type Surveyed = {
  readonly recording: Recording;
  readonly facts: Facts;
  readonly lifetime: RecordingLifetime;
  readonly deciding: OutcomeFacts;
};

/** A recording as a request sees it; null where it is erased, or its facts do not open. */
export async function surveyRecording(
  rows: Pick<Rows, 'log'>,
  { metadataKey, version, now }: SurveyContext,
  { kinds, received, tenant }: Pick<SubjectRequest, 'kinds' | 'received' | 'tenant'>,
  recording: Recording,
): Promise<Surveyed | null> {
  const facts = isErased(recording) ? null : factsOf(metadataKey, recording);
  if (facts === null) return null;
  const lifetime = recordingLifetime(version, facts, recording, now);
  const keep = lifetime.keep === null ? null : (lifetime.keep.until ?? FOR_EVER_KEPT);
  const keepUntil =
    [recording.keepUntil, keep]
      .flatMap((one) => one ?? [])
      .sort()
      .at(-1) ?? null;
  const deciding: OutcomeFacts = {
    basis: facts.basis,
    holds: recording.holds,
    restricted: recording.restricted !== null,
    asked: facts.asked !== undefined,
    damaged: recording.quarantine.includes('integrity'),
    keepUntil,
    corrected: kinds.includes('rectify') && (await wasCorrected(rows, tenant, recording.id, received)),
  };
  return { recording, facts, lifetime, deciding };
}

/** After every time that a rule can say. */
const FOR_EVER_KEPT = '9999-12-31T23:59:59.999Z';

/** What an answer says of a recording now. */
export async function toldOf(
  rows: Pick<Rows, 'deposits'>,
  { now, heard }: Pick<SurveyContext, 'now' | 'heard'>,
  { recording, facts, lifetime, deciding }: Surveyed,
): Promise<ToldRecording> {
  const { tenant, id } = recording;
  const { keep, expires } = lifetime;
  const isKept = deciding.keepUntil !== null && deciding.keepUntil > now;
  const objects = (await rows.deposits.availableOf(tenant, [id])).map(({ object }) => object);
  return {
    began: recording.startedAt,
    direction: facts.direction ?? null,
    duration_ms: recording.durationMs,
    basis: facts.basis.kind,
    withdrawn: facts.basis.withdrawn !== undefined,
    has: [...new Set(objects)].sort(),
    until: isKept ? deciding.keepUntil : expires.until,
    rule: isKept && keep !== null && keep.name !== null ? { name: keep.name, law: keep.law } : null,
    held: deciding.holds > 0,
    heard: await heard(id),
  };
}

/** The facts; null where they do not open: such a recording is in quarantine. */
function factsOf(metadataKey: SecretKey, recording: Pick<RecordingSummary, 'tenant' | 'id' | 'facts'>): Facts | null {
  try {
    return openRecordingFacts(metadataKey, recording);
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return null;
    throw error;
  }
}

/** Events of one read. */
const PAGE = 200;

/** Whether a person corrected a recording's facts since a time. */
async function wasCorrected(
  { log }: Pick<Rows, 'log'>,
  tenant: string,
  recording: string,
  since: string,
): Promise<boolean> {
  for (let below: number | null = null; ; ) {
    const page = await log.eventsOf(tenant, recording, below, PAGE);
    for (const { leaf: bytes } of page) {
      const leaf = readLeaf(bytes);
      if (leaf === null) continue;
      if (leaf.ts < since) return false;
      const isCorrection = leaf.action === 'recording.amended' && leaf.object['change'] === undefined;
      if (isCorrection && leaf.actor.id.startsWith('usr_')) return true;
    }
    if (page.length < PAGE) return false;
    below = page.at(-1)?.seq ?? null;
  }
}
