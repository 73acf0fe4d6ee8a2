// What a change does to the log, as lines: the same from its proposal and from the events that follow.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { sha256 } from '../../bytes/digest.ts';
import { eventList } from '../audit-event.ts';
import type { Policy } from '../policy.ts';
import { answerEffects } from './answer.ts';
import type { AppliedBody } from './body.ts';
import type { CommandBody } from './command.ts';
import type { Effect } from './effect.ts';
import { changedIn } from './people.ts';
import { policyAfter } from './settings.ts';

/**
 * The lines of an event: `<action> <id> <roles, sha256, principal, how, lost or ->`, with commas an operator's staff code after
 * their role, the scopes of an API key after its principal, and the generation after how a key was changed, also the key
 * that was given; of one about a list of `recordings`, `<action> <rec_> -` for each, of copies with officer, hours and
 * downloads. The digest of a link is of its secret,
 * which is no part of them.
 */
export function effectLines({ action, object }: Effect): string[] {
  const { id, roles, principal, sha256: hash, recordings, officer, hours, downloads } = object;
  const copying = officer === undefined ? '-' : [officer, hours, downloads].join(',');
  if (typeof recordings === 'string' && recordings !== '')
    return recordings.split(',').map((recording) => `${action} ${recording} ${copying}`);
  const digest = principal === undefined ? hash : undefined;
  const who = [roles, object['code']].filter((value) => value !== undefined).join(',');
  const says =
    [who, digest, parametersOf(action, object)].find((value) => typeof value === 'string' && value !== '') ?? '-';
  return [`${action} ${id} ${String(says)}`];
}

/**
 * For whom, with which scopes; or how a key was changed, to which generation, and the key that was given; or from when a
 * clock was wrong.
 */
function parametersOf(action: string, { principal, scopes, how, wrap, key, lost, from }: Effect['object']): string {
  const given = how === 'given-key' ? key : undefined;
  const wrong = action.startsWith('clock.') ? from : undefined;
  return [principal, scopes, how, wrap, given, lost, wrong].filter((value) => value !== undefined).join(',');
}

/** The hex SHA-256 of the lines of events, sorted, LF after each. */
export function changeEffects(effects: readonly Effect[]): string {
  const lines = effects.flatMap(effectLines).sort();
  return sha256(...lines.map((line) => `${line}\n`)).toString('hex');
}

/** The events that applying a body will write; `policy` is the one in force, which a change of settings may replace. */
export function plannedEffects(tenant: string, body: AppliedBody, policy: Policy): Effect[] {
  switch (body.kind) {
    case 'people': {
      const added = body.add.map(({ id, roles }) => ({
        action: 'person.added',
        object: { id, roles: eventList(roles) },
      }));
      const changed = changedIn(body).map(({ id, to }) => {
        return { action: 'person.changed', object: { id, roles: eventList(to.roles) } };
      });
      return [...added, ...changed];
    }
    case 'team':
      return [{ action: 'team.changed', object: { id: body.team, sha256: canonicalDigest(body.to) } }];
    case 'policy':
      return [{ action: 'policy.changed', object: { id: body.policy, sha256: canonicalDigest(body.set) } }];
    case 'retention':
      return [{ action: 'retention.changed', object: { id: body.retention, sha256: canonicalDigest(body.set) } }];
    case 'resume':
      return [{ action: 'expiry.resumed', object: { id: tenant } }];
    case 'lift': {
      if ('restrictions' in body)
        return body.restrictions.map((id) => ({ action: 'recording.unrestricted', object: { id } }));
      const { hold: id, recordings } = body;
      const some = recordings === undefined ? {} : { recordings: eventList(recordings) };
      return [{ action: 'hold.lifted', object: { id, ...some } }];
    }
    case 'answer':
      // Of other answers the recordings are counted before.
      return answerEffects(body.request, [], true);
    case 'settings': {
      const { set, policy: next } = body;
      const effects: Effect[] = [{ action: 'tenant.changed', object: { id: tenant, sha256: canonicalDigest(set) } }];
      if (next === undefined) return effects;
      const sha256OfNext = canonicalDigest(policyAfter(policy, set));
      return [...effects, { action: 'policy.changed', object: { id: next, sha256: sha256OfNext } }];
    }
  }
}

/** The events that name a change which a command carries out. */
export function commandEffects(tenant: string, body: CommandBody): Effect[] {
  switch (body.kind) {
    case 'link':
      return [{ action: 'sign_in.link_made', object: { id: body.link, principal: body.person } }];
    case 'api_key': {
      const { key: id, principal, scopes } = body;
      return [{ action: 'api_key.created', object: { id, principal, scopes: eventList(scopes) } }];
    }
    case 'service':
      return [{ action: 'service.added', object: { id: body.service, roles: eventList(body.roles) } }];
    case 'erase':
      return body.recordings.map((id) => ({ action: 'recording.erasing', object: { id } }));
    case 'key': {
      const { how, wrap, key } = body;
      if (how === 'retire') return [{ action: 'key.retired', object: { id: tenant, wrap } }];
      return [{ action: 'key.rotated', object: { id: tenant, how, wrap, ...(key === null ? {} : { key }) } }];
    }
    case 'operator':
      return [{ action: 'operator.added', object: { id: body.person, roles: body.role, code: body.code } }];
    case 'restore': {
      const { log: id, lost } = body;
      return [{ action: 'log.restored', object: { id, ...(lost === null ? {} : { lost }) } }];
    }
    case 'rebuild':
      return [{ action: 'vault.rebuilding', object: { id: body.tenant, sha256: body.sha256 } }];
    case 'clock': {
      if (body.how === 'confirm') return [{ action: 'clock.confirmed', object: { id: body.node, from: body.newest } }];
      return body.logs.map(({ log: id, from }) => ({ action: 'clock.corrected', object: { id, from } }));
    }
  }
}

/** The event of a released recording, as a release counts it. */
export function releaseEffect(recording: string): Effect {
  return { action: 'recording.released', object: { id: recording } };
}
