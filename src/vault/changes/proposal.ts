// The proposal of a change: its body from what is wanted, its row, and its event.
import { canonicalBytes, canonicalDigest } from '../../bytes/canonical-json.ts';
import { newId, newIdAfter } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { noticeIn } from '../../model/basis.ts';
import type { ChangeBody, ChangePreview, SettingsBody } from '../../model/change/body.ts';
import { isCommandBody } from '../../model/change/body.ts';
import { type Change, MAX_OPEN_CHANGES, OPEN_MS } from '../../model/change/change.ts';
import { changeEffects, commandEffects, plannedEffects } from '../../model/change/effects.ts';
import type { LiftBody, WantedLift } from '../../model/change/lift.ts';
import type { PeopleBody } from '../../model/change/people.ts';
import type { ResumeBody } from '../../model/change/resume.ts';
import { type SettingsPatch, settingsOf, settingsPatch } from '../../model/change/settings.ts';
import type { TeamBody } from '../../model/change/team.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import type { WantedTeam } from '../../model/team/wanted-team.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { NO_NOTE } from '../core/authority/logged-change.ts';
import { DEPLOYMENT, event, withDetail } from '../core/events/events.ts';
import { hasNotice } from '../core/facts/named-notice.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { WantedRetention } from '../retention/draft-rules.ts';
import { draftResume, type WantedResume } from '../retention/resume.ts';
import { ownersBase } from './base.ts';
import { requireDepositor } from './depositor.ts';
import { draftLift } from './lift.ts';
import { draftUnrestrict } from './lift-restrictions.ts';
import type { Owner } from './owner.ts';
import { draftPeople, type WantedPeople } from './people-draft.ts';
import type { WantedPolicy } from './policy-draft.ts';
import { previewSettings } from './preview.ts';
import type { WantedRelease } from './release-draft.ts';
import { sealOfChange } from './sealed-texts.ts';
import { draftTeam } from './team-draft.ts';

/** What is wanted: settings, people, a team, a hold to lift, a policy, retention rules, expiry, or recordings to release. */
export type WantedChange = AppliedAtOnce | WantedPolicy | WantedRetention | WantedRelease;

/** What the transaction of a proposal drafts itself. */
export type AppliedAtOnce =
  | { readonly kind: 'settings'; readonly settings: SettingsPatch }
  | WantedPeople
  | WantedTeam
  | WantedResume
  | WantedLift;

/**
 * The body of a change, and what it would affect where that is counted; `base` are the versions that this was counted on,
 * where that was before the transaction of the proposal.
 */
export type Drafted<Body = ChangeBody> = {
  readonly body: Body;
  readonly preview: ChangePreview | null;
  readonly base?: string;
  /** The digest of the effects, where counting them was part of the draft. */
  readonly effects?: string;
};

/** Who proposes, why, and the members of the event that name a credential. */
export type Proposer = {
  readonly by: Actor;
  readonly proposer: string;
  readonly byCommand: boolean;
  readonly note: string;
  readonly credential: { readonly api_key?: string; readonly sign_in?: string };
};

/**
 * The body of what is wanted, with the ids of what it will create. Throws `malformed` for what is not valid, and
 * `conflict` where nothing would change.
 */
export async function draftChange(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: Tenant,
  wanted: AppliedAtOnce,
): Promise<Drafted<SettingsBody | PeopleBody | TeamBody | ResumeBody | LiftBody>> {
  if (wanted.kind === 'resume') return { body: await draftResume(rows, tenant.tenant), preview: null };
  if (wanted.kind === 'people')
    return { body: await draftPeople(rows, metadataKey, tenant.tenant, wanted), preview: null };
  if (wanted.kind === 'team') return { body: await draftTeam(rows, metadataKey, tenant.tenant, wanted), preview: null };
  if (wanted.kind === 'lift') {
    const restricted = 'restrictions' in wanted;
    const body = restricted
      ? await draftUnrestrict(rows, tenant.tenant, wanted.restrictions)
      : await draftLift(rows, tenant.tenant, wanted);
    return { body, preview: null };
  }
  const { id, policy } = await policyInForce(rows, metadataKey, tenant.tenant);
  const was = settingsOf(tenant, policy);
  const set = settingsPatch(was, wanted.settings);
  const notice = typeof set.default_notice === 'string' ? noticeIn(set.default_notice) : null;
  if (notice !== null && !(await hasNotice(rows, tenant.tenant, notice))) {
    const fields = [
      { pointer: '/settings/default_notice', detail: 'is not a notice of this tenant, or not a version of it' },
    ];
    throw new VaultError('malformed', 'the default basis names a notice that does not exist', { fields });
  }
  for (const service of Object.values(set.sources ?? {}))
    await requireDepositor(rows, metadataKey, tenant.tenant, service);
  const inPolicy = set.decide_by_key !== undefined || set.approver_age_hours !== undefined;
  const body: SettingsBody = {
    v: 1,
    kind: 'settings',
    was,
    set,
    ...(inPolicy ? { policy: newIdAfter('pol', id) } : {}),
  };
  return { body, preview: await previewSettings(rows, metadataKey, tenant.tenant, was, set) };
}

/** The base now. Throws `conflict` where a draft was counted on another one. */
export async function requireSameBase(rows: Rows, owner: Owner, { body, base: counted }: Drafted): Promise<string> {
  const current = await ownersBase(rows, owner, body);
  if (counted !== undefined && counted !== current)
    throw new VaultError('conflict', 'the tenant changed while the effects were counted');
  return current;
}

async function effectsOf(rows: Rows, { id, metadataKey }: Owner, body: ChangeBody): Promise<string> {
  if (body.kind === 'release') throw new VaultError('internal', 'a release is counted before it is proposed');
  if (isCommandBody(body)) return changeEffects(commandEffects(id, body));
  if (metadataKey === null) throw new VaultError('internal', 'only commands propose changes of the deployment');
  const { policy } = await policyInForce(rows, metadataKey, id);
  return changeEffects(plannedEffects(id, body, policy));
}

/**
 * A proposal whose transaction returns its event first, and `insert` as `placed`. `row` is the row of the event with this
 * receipt: the log's place for the event is part of it.
 */
export type Proposal = {
  readonly made: NewEvent;
  readonly row: (receipts: readonly Receipt[]) => Change;
  readonly insert: (receipts: readonly Receipt[]) => Promise<void>;
};

/** Makes a proposal. Throws `conflict` where too many wait for a decision. */
export async function makeProposal(
  tx: Transaction,
  owner: Owner,
  drafted: Drafted,
  { by, proposer, byCommand, note, credential }: Proposer,
  request: Pick<RequestContext, 'req'>,
): Promise<Proposal> {
  const { id: tenant, metadataKey } = owner;
  await requireRoom(tx, tenant);
  const { body, preview } = drafted;
  const current = await requireSameBase(tx, owner, drafted);
  const place = { tenant, id: newId('chg') };
  const opened = await tx.now();
  const change = {
    ...place,
    kind: body.kind,
    state: 'OPEN' as const,
    version: 1,
    base: current,
    body: sealOfChange(metadataKey, place, 'body', body),
    preview: preview === null ? null : sealOfChange(metadataKey, place, 'preview', preview),
    effects: drafted.effects ?? (await effectsOf(tx, owner, body)),
    note: metadataKey === null ? NO_NOTE : sealOfChange(metadataKey, place, 'note', { text: note }),
    proposer,
    byCommand,
    opened,
    expires: addMilliseconds(opened, OPEN_MS),
    decider: null,
    decided: null,
    reason: null,
    signed: null,
  };
  const { id, kind, base, effects, expires } = change;
  const object = { id, kind, base, effects, expires, ...credential };
  // Sealed beside the leaf, which commits to it; of the deployment the leaf itself has the digest.
  const digest = metadataKey === null ? { sha256: canonicalDigest(body) } : {};
  const made = event(tenant, by, 'change.proposed', { ...object, ...digest }, request);
  const text = (value: object): string => canonicalBytes(value).toString();
  const detail = { body: text(body), note, ...(preview === null ? {} : { preview: text(preview) }) };
  const row = ([receipt]: readonly Receipt[]): Change => {
    if (receipt === undefined) throw new VaultError('internal', 'a proposal must have an event');
    return withMac(metadataKey, 'change', { ...change, leafIndex: receipt.seq, leafHash: receipt.hash });
  };
  return {
    made: metadataKey === null ? made : withDetail(made, metadataKey, detail),
    row,
    insert: async (receipts) => {
      // Once more, now that the event has its place: nothing locks the deployment, and others may have proposed meanwhile.
      if (metadataKey === null) await requireRoom(tx, tenant);
      await tx.changes.insert(row(receipts));
    },
  };
}

/** Throws `conflict` where too many changes wait for a decision. */
async function requireRoom({ changes }: Pick<Rows, 'changes'>, tenant: string): Promise<void> {
  if ((await changes.countOpen(tenant)) < MAX_OPEN_CHANGES) return;
  const whose = tenant === DEPLOYMENT ? 'the deployment' : 'this tenant';
  throw new VaultError('conflict', `${MAX_OPEN_CHANGES} changes of ${whose} wait for a decision already`);
}
