// JSON views of changes by two people.

import type { ChangePreview, PolicyPreview } from '../model/change/body.ts';
import { isCommandBody } from '../model/change/body.ts';
import type { Change } from '../model/change/change.ts';
import { commandFacts } from '../model/change/command.ts';
import { changedIn, type PersonToAdd, type PersonToChange } from '../model/change/people.ts';
import type { PolicyBody } from '../model/change/policy.ts';
import { STAY_REASONS } from '../model/change/release.ts';
import { settingsDifference } from '../model/change/settings.ts';
import type { TeamState } from '../model/change/team.ts';
import { untilFailure } from '../model/check.ts';
import { diffPolicies } from '../model/policy/difference.ts';
import { diffRules } from '../model/retention/difference.ts';
import type { ChangeDetails, ChangeView } from '../vault/changes/read.ts';
import type { OpenedSignature } from '../vault/changes/signature.ts';
import { holdToJson } from './hold-json.ts';

/** A change's row. */
export function changeToJson(change: Change) {
  const { id, tenant, kind, state, base, effects, proposer, byCommand, opened, expires, decider, decided } = change;
  const { leafIndex, leafHash, signed } = change;
  return {
    ...{ id, tenant, kind, state: state.toLowerCase(), base, effects, proposer, by_command: byCommand },
    ...{ opened, expires, decider, decided, signed },
    ...{ leaf_index: leafIndex, leaf_hash: leafHash === null ? null : Buffer.from(leafHash).toString('base64') },
  };
}

/** What a passkey is asked to sign. */
export function openedSignatureToJson({ change, options }: OpenedSignature) {
  const { leaf_index, leaf_hash } = changeToJson(change);
  return { options, leaf_index, leaf_hash };
}

/** A change with what it does and who decided. */
export function changeViewToJson(view: ChangeView) {
  const { change, body, preview, note, reason, proposer, decider, confirmer } = view;
  return {
    ...changeToJson(change),
    ...{ proposer_name: proposer, decider_name: decider, confirmer, note, reason },
    preview: decidersIn(preview),
    difference: body.kind === 'settings' ? settingsDifference(body.was, body.set) : [],
    people: body.kind === 'people' ? body.add.map(addedToJson) : [],
    people_changed: body.kind === 'people' ? changedIn(body).map((one) => changedToJson(view, one)) : [],
    policy:
      body.kind === 'policy' && preview !== null && 'replay' in preview
        ? { id: body.policy, ...policyEffectsToJson(body, preview) }
        : null,
    retention: retentionToJson(view),
    resume: body.kind === 'resume' ? { was: body.was.toLowerCase(), due: body.due, at: body.at } : null,
    team: teamToJson(view),
    lift: liftToJson(view),
    answer: answerToJson(view),
    release: releaseToJson(view),
    facts: factsToJson(view),
  };
}

function addedToJson({ id, name, roles, trained_until: until }: PersonToAdd) {
  return { id, name, roles, trained_until: until ?? null };
}

function changedToJson({ names }: ChangeView, { id, from, to }: PersonToChange) {
  return { id, name: names.get(id) ?? null, from, to };
}

function decidersIn(preview: ChangePreview | null) {
  if (preview === null) return null;
  if ('deciders' in preview) return preview.deciders;
  return 'approvers' in preview ? preview : null;
}

/** What a policy would do instead of the one that it was made from. */
export function policyEffectsToJson({ base, was, set }: PolicyBody, { deciders, replay }: PolicyPreview) {
  return { base, difference: diffPolicies(was, set), deciders, replay };
}

/** New retention rules with what they would do; null for another change. */
function retentionToJson({ body, preview }: ChangeView) {
  if (body.kind !== 'retention' || preview === null || !('at_grace' in preview)) return null;
  const { retention: id, base, was, set } = body;
  return { id, base, was, set, difference: was === null ? [] : diffRules(was, set), preview };
}

/** What becomes of the recordings of a subject request; null for another change. */
function answerToJson({ body, names }: ChangeView) {
  if (body.kind !== 'answer') return null;
  const { request, asked, outcomes, refusal = null, copies = null } = body;
  const recordings = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  return {
    ...{ request, asked, outcomes, recordings, refusal },
    copies:
      copies === null
        ? null
        : {
            ...{ officer: copies.officer, officer_name: names.get(copies.officer) ?? null },
            ...{ hours: copies.hours, downloads: copies.downloads, recordings: copies.recordings },
          },
  };
}

/** What a lift ends: the hold as it is now, or the recordings that leave it; or restrictions. Null for another change. */
function liftToJson({ body, hold }: ChangeView) {
  if (body.kind !== 'lift') return null;
  if ('restrictions' in body) return { hold: null, recordings: null, now: null, restrictions: body.restrictions };
  const now = hold === null ? null : holdToJson(hold);
  return { hold: body.hold, recordings: body.recordings ?? null, now, restrictions: null };
}

/** A team before and after, with the names of its members; null for another change. */
function teamToJson({ body, names }: ChangeView) {
  if (body.kind !== 'team') return null;
  const named = ({ name, members: people, queues }: TeamState) => ({
    name,
    members: people.map(({ id, lead }) => ({ id, name: names.get(id) ?? null, lead })),
    queues,
  });
  return { id: body.team, was: body.was === null ? null : named(body.was), to: named(body.to) };
}

/** What a command will do, with the names of principals; none for another change. */
function factsToJson({ body, names }: ChangeView) {
  if (!isCommandBody(body)) return [];
  return commandFacts(body).map(({ name, value }) => ({
    name,
    // Owners are people: their names, where they have some.
    value: typeof value === 'object' ? value.map((one) => (name === 'owners' ? (names.get(one) ?? one) : one)) : value,
    title: typeof value === 'string' ? (names.get(value) ?? null) : null,
  }));
}

/** What a release does, and what it would affect; null for another change. */
function releaseToJson({ body, preview, depositor }: ChangeView) {
  if (body.kind !== 'release' || preview === null || !('released' in preview)) return null;
  const { at, released, without_basis, stays, listed } = preview;
  const reasons = STAY_REASONS.flatMap((reason) => {
    const count = stays[reason];
    return count === undefined ? [] : [{ reason, count }];
  });
  return {
    ...{ depositor: body.depositor, depositor_name: depositor, recordings: body.recordings ?? null },
    ...{ at, released, without_basis, stays: reasons, listed },
  };
}

/** One change with the checks of an approval by the caller. */
export function changeDetailsToJson(details: ChangeDetails) {
  return { ...changeViewToJson(details), checks: untilFailure(details.checks) };
}
