// The event catalogue: people, services, operators, API keys, sign-ins, passkeys.
import type { EventSpec } from './event-spec.ts';
import { ORIGIN } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

const ADDED = { 'owners?': 'ids', roles: 'roles' } as const;

export const PEOPLE_EVENTS = {
  'people.read': { log: 'own', subject: 'people', counted: 300 },
  'person.added': { log: 'tenant', subject: 'person', members: { ...ADDED, 'trained_until?': 'code', ...BY_CHANGE } },
  // The roles before, or `back: 1` of a person who was deactivated; the last day on which their training counts.
  'person.changed': {
    log: 'tenant',
    subject: 'person',
    members: { 'was?': 'roles', roles: 'roles', 'back?': 'number', 'trained_until?': 'code', ...BY_CHANGE },
  },
  'service.added': { log: 'tenant', subject: 'service', members: { ...ADDED, ...BY_CHANGE } },
  // The staff code, by which commands name the operator.
  'operator.added': {
    log: 'deployment',
    subject: 'person',
    members: { roles: 'roles', 'code?': 'code', ...BY_CHANGE },
  },
  'person.off': { log: 'both', subject: ['person', 'service'], members: { 'tenant?': 'id' } },
  'api_key.created': {
    log: 'tenant',
    subject: 'api_key',
    members: { principal: 'id', scopes: 'codes', expires: 'time', ...BY_CHANGE },
  },
  'api_key.read': { log: 'tenant', subject: 'api_keys', counted: 300 },
  'api_key.revoked': { log: 'own', subject: 'api_key', members: { principal: 'id' } },
  'api_key.refused': {
    log: 'tenant',
    subject: 'api_key',
    members: { principal: 'id', cause: ['secret', 'revoked', 'expired', 'principal-off'] },
    detail: ORIGIN,
    counted: 60,
  },
  'sign_in.link_made': {
    log: 'both',
    subject: 'link',
    // `sha256` of the link, which is random; of links for the deployment's people, in its own log.
    members: { principal: 'id', expires: 'time', 'tenant?': 'id', 'sha256?': 'sha256', ...BY_CHANGE },
  },
  'sign_in.opened': {
    log: 'own',
    subject: 'sign_in',
    // `sha256` of the cookie, which is random; of the deployment's people.
    members: { method: ['link', 'passkey'], ends: 'time', 'link?': 'id', 'passkey?': 'id', 'sha256?': 'sha256' },
    detail: ORIGIN,
  },
  'sign_in.stepped_up': { log: 'own', subject: 'sign_in', members: { passkey: 'id' }, detail: ORIGIN },
  'sign_in.refused': { log: 'own', subject: ['link', 'passkey'], detail: ORIGIN, counted: 60 },
  'sign_in.ended': {
    log: 'own',
    subject: 'sign_in',
    members: { principal: 'id', reason: ['signed-out', 'idle', 'expired', 'replaced', 'person-off'] },
  },
  // The key as SubjectPublicKeyInfo, and the sign-in in which it was added: by link of a first passkey. A further one has a
  // proof by an earlier one. Events of older versions may lack all three. `sha256` of the key as the row has it (COSE), of
  // the deployment's people.
  'passkey.added': {
    log: 'own',
    subject: 'passkey',
    members: { principal: 'id', 'key?': 'base64', 'sign_in?': 'id', 'proof?': 'id', 'sha256?': 'sha256' },
  },
  'passkey.removed': { log: 'own', subject: 'passkey', members: { principal: 'id' } },
} as const satisfies Record<string, EventSpec>;
