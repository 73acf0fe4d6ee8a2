// Examples: erasures, legal holds and requests of recorded people.
import { newId } from '../../../src/bytes/ids.ts';
import { continueAnswers } from '../../../src/vault/changes/continue-answers.ts';
import { signChange } from '../../support/changes.ts';
import { beginErasing, endErasures } from '../../support/erased-calls.ts';
import type { World } from '../../support/world.ts';
import { bodyOf, deposited, type Examples, newcomer, newcomerWithPasskey } from './example.ts';

const HOLD = { reference: 'HB-1', title: 'Fenwick', review: '2027-06-30T00:00:00.000Z' };
const LETTER = { kinds: ['access'], person: { numbers: ['+441234567899'] } };

/** A new hold on a new recording. */
async function held(world: World): Promise<string> {
  const json = { ...HOLD, recordings: [await deposited(world)] };
  const { id } = await bodyOf(world.call('POST', '/v1/holds', { key: world.harbour.privacy.key, json }));
  return `/v1/holds/${id}`;
}

/** A subject request after these steps. */
async function subject(world: World, steps: readonly string[] = [], letter: object = LETTER): Promise<string> {
  const { key } = world.harbour.privacy;
  const path = `/v1/subject-requests/${(await bodyOf(world.call('POST', '/v1/subject-requests', { key, json: letter }))).id}`;
  for (const step of steps) {
    const json = step === 'identity' ? { how: 'a passport' } : {};
    await bodyOf(world.call('POST', `${path}/${step}`, { key, json }));
  }
  return path;
}

/** A subject request whose decision two people took and that is carried out: its answer can be sent. */
async function answered(world: World, letter: object = LETTER, more: object = {}): Promise<string> {
  const path = await subject(world, ['identity', 'search'], letter);
  const [proposer, approver] = [
    await newcomerWithPasskey(world, 'privacy'),
    await newcomerWithPasskey(world, 'privacy'),
  ];
  const json = { note: 'as asked', ...more };
  const { change } = await bodyOf<{ change: { id: string } }>(
    proposer.browser.call('POST', `${path}/decision`, { json }),
  );
  await signChange(proposer.browser, proposer.key, change.id);
  await bodyOf(approver.browser.call('POST', `/v1/changes/${change.id}/approve`));
  await continueAnswers(world.vault, { signal: AbortSignal.timeout(60_000) });
  return path;
}

/** The same for a request about the one call of its number. */
async function answeredAbout(
  world: World,
  kind: 'erase' | 'access',
  number: string,
  more: object = {},
): Promise<string> {
  await deposited(world, { 'vault-meta-from': encodeURIComponent(number) });
  return answered(world, { kinds: [kind], person: { numbers: [number], copies: true } }, more);
}

/** First in a world: the passes of these erasures move its clock. */
export const erasures: Examples = {
  getErasureCertificate: async (world) => {
    const event = await beginErasing(world, world.harbour.tenant, await deposited(world));
    await endErasures(world);
    return { by: await newcomer(world, 'privacy'), path: `/v1/erasures/${event}/certificate` };
  },
  getSubjectCertificate: async (world) => {
    const path = await answeredAbout(world, 'erase', '+441234567777');
    await endErasures(world);
    return { by: await newcomer(world, 'privacy'), path: `${path}/certificate` };
  },
  listErasures: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/erasures' }),
};

export const subjects: Examples = {
  placeHold: async (world) => {
    const json = { ...HOLD, recordings: [await deposited(world)] };
    const path = '/v1/holds';
    return { by: world.harbour.privacy, path, sent: { json }, other: { ...json, title: 'another' }, events: 2 };
  },
  addToHold: async (world) => ({
    by: world.harbour.privacy,
    path: `${await held(world)}/recordings`,
    sent: { json: { recordings: [await deposited(world)] } },
    other: { recordings: [newId('rec')] },
  }),
  listHolds: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/holds' }),
  getHold: async (world) => ({ by: await newcomer(world, 'privacy'), path: await held(world) }),
  listHeldRecordings: async (world) => ({
    by: await newcomer(world, 'privacy'),
    path: `${await held(world)}/recordings`,
  }),
  openSubjectRequest: async ({ harbour }) => ({
    by: harbour.privacy,
    path: '/v1/subject-requests',
    sent: { json: LETTER },
    other: { ...LETTER, kinds: ['erase'] },
  }),
  listSubjectRequests: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/subject-requests' }),
  getSubjectRequest: async (world) => ({ by: await newcomer(world, 'privacy'), path: await subject(world) }),
  listSubjectRecordings: async (world) => ({
    by: await newcomer(world, 'privacy'),
    path: `${await subject(world)}/recordings`,
  }),
  identifySubject: async (world) => ({
    by: world.harbour.privacy,
    path: `${await subject(world)}/identity`,
    sent: { json: { how: 'a passport' } },
    other: { how: 'another' },
  }),
  searchSubject: async (world) => ({
    by: world.harbour.privacy,
    path: `${await subject(world, ['identity'])}/search`,
    sent: { json: {} },
    other: { to: '2026-01-01T00:00:00Z' },
  }),
  extendSubject: async (world) => ({
    by: world.harbour.privacy,
    path: `${await subject(world)}/extend`,
    sent: { json: { reason: 'many calls' } },
    other: { reason: 'another' },
  }),
  decideSubject: async (world) => ({
    by: world.harbour.privacy,
    path: `${await subject(world, ['identity', 'search'])}/decision`,
    sent: { json: { note: 'nothing found' } },
    other: { note: 'another' },
    events: 2,
  }),
  answerSubject: async (world) => ({
    by: world.harbour.privacy,
    path: `${await answered(world)}/answer`,
    sent: { json: {} },
  }),
  getSubjectAnswer: async (world) => ({
    by: await newcomer(world, 'privacy'),
    path: `${await answered(world)}/answer`,
  }),
  getSubjectPackage: async (world) => {
    const by = await newcomer(world, 'privacy');
    const path = await answeredAbout(world, 'access', '+441234567778', { copies: { officer: by.id } });
    return { by, path: `${path}/package` };
  },
};
