// Steps of the story about a caller who asks what is kept of them and wants it erased: by two people, with a certificate.
import { checkCertificate } from '../../src/model/log/certificate/check-certificate.ts';
import { readVerifierKey } from '../../src/model/log/note.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { postAs, signChange } from './deciders.ts';
import { ENGLISH, FRAUD } from './deposit-steps.ts';
import { completeErasure } from './erasure-passes.ts';
import { checkLogOf } from './log-steps.ts';
import { type DemoWorld, expectReply, expectThat, listAt, memberAt, required, send, textAt } from './world.ts';

/** Numbers of the caller: one call each, of which a legal hold has the second. */
const NUMBER = '020 7946 0123';
const HELD_NUMBER = '020 7946 0177';
const REVIEW_MS = 365 * 86_400_000;
const PATIENCE_MS = 120_000;

const EVENTS: Readonly<Record<string, number>> = {
  'hold.placed': 1,
  'subject.opened': 1,
  'subject.identified': 1,
  'subject.searched': 1,
  'subject.proposed': 1,
  'subject.doing': 1,
  'subject.answered': 1,
  'recording.erasing': 1,
  'recording.erased': 1,
  'certificate.issued': 1,
};

/** A privacy officer opens a caller's request, records how the identity was checked, and finds the calls. */
export async function askAsCaller(world: DemoWorld): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const officer = required(world.deciders, 'privacy');
  const review = new Date(Date.now() + REVIEW_MS).toISOString();
  const recordings = [required(world.recordings, FRAUD)];
  await postAs(world, officer, '/v1/holds', {
    reference: 'HB-2026-014',
    title: 'disputed payment',
    review,
    recordings,
  });
  const person = { numbers: [NUMBER, HELD_NUMBER], channel: 'letter', language: 'en' };
  const id = textAt(await postAs(world, officer, '/v1/subject-requests', { kinds: ['access', 'erase'], person }), 'id');
  world.hand.set('subject', id);
  const path = `/v1/subject-requests/${id}`;
  const early = await send(world, keys.privacy, 'POST', `${path}/search`, { json: {} });
  expectReply(early, 'a search before the identity is recorded', 409, 'conflict');
  await postAs(world, officer, `${path}/identity`, { how: 'called back on the number' });
  const searched = await postAs(world, officer, `${path}/search`, {});
  expectThat(memberAt(searched, 'recordings', 'found') === 2, 'the search does not find the two calls');
  const answer = await send(world, keys.privacy, 'GET', `${path}/answer`);
  expectReply(answer, 'the answer', 200);
  const heard = memberAt(answer.body, 'summary', 'heard', 'times');
  expectThat(heard === 2, `the answer has ${String(heard)} listening sessions instead of 2`);
  return `“what do you keep of me? erase it”: no search before the identity is recorded; then 2 calls by 2 numbers, heard ${heard} times`;
}

/** A privacy officer proposes what becomes of the calls, an admin approves it, and the service does it. */
export async function eraseByTwo(world: DemoWorld): Promise<string> {
  const { keys, colleagues } = required(world.tenants, 'harbour');
  const path = `/v1/subject-requests/${required(world.hand, 'subject')}`;
  const [erased, held] = [required(world.recordings, ENGLISH), required(world.recordings, FRAUD)];
  const all = { outcomes: [{ recording: held, outcome: 'erase' }], note: 'erase both' };
  const wrong = await send(world, keys.privacy, 'POST', `${path}/decision`, { json: all });
  expectReply(wrong, 'the decision to erase a call under a legal hold', 400);
  const officer = required(world.deciders, 'privacy');
  const decided = await postAs(world, officer, `${path}/decision`, { note: 'as the letter asks' });
  const change = textAt(decided, 'change', 'id');
  await signChange(world, officer, change, 'sign');
  const waiting = await send(world, keys.privacy, 'GET', `/v1/recordings/${erased}`);
  expectReply(waiting, 'the call before the second person approves', 200);
  await signChange(world, required(world.deciders, 'admin'), change, 'approve');
  await untilApplied(world, change);
  expectReply(await send(world, keys.privacy, 'GET', `/v1/recordings/${erased}`), 'the erased call', 410, 'erased');
  expectReply(await send(world, keys.privacy, 'GET', `/v1/recordings/${held}`), 'the call under a legal hold', 200);
  const access = `/v1/recordings/${held}/access?purpose=quality`;
  const reply = await send(world, colleagues[1].key, 'GET', access);
  const code = memberAt(reply.body, 'code');
  expectThat(code === 'restricted', `its reviewer gets ${String(code)} instead of restricted`);
  return 'a privacy officer proposed, an admin approved, each with a passkey: one call is erased; the one under a legal hold stays, restricted';
}

/** The certificate is checked with the log's key alone. The number finds nothing afterwards, and the log has every step. */
export async function certifyErasure(world: DemoWorld): Promise<string> {
  const harbour = required(world.tenants, 'harbour');
  const { id: tenant, keys } = harbour;
  const [erased, held] = [required(world.recordings, ENGLISH), required(world.recordings, FRAUD)];
  await completeErasure(world, tenant, erased);
  const id = required(world.hand, 'subject');
  const reply = await send(world, keys.privacy, 'GET', `/v1/subject-requests/${id}/certificate`);
  expectReply(reply, 'the certificate', 200);
  const key = readVerifierKey(await world.verifierKey(`${world.origin}/${tenant}`), noteCrypto.sha256);
  expectThat(key !== null, 'the signer has no key');
  const { certificate, findings } = checkCertificate(reply.bytes.toString(), [key], noteCrypto);
  expectThat(findings.length === 0, `the certificate is not valid: ${findings[0]?.code}, line ${findings[0]?.line}`);
  expectThat(certificate?.cause === id, 'the certificate is of another request');
  const certified = certificate.erased.map(({ recording }) => recording);
  expectThat(certified.length === 1 && certified[0] === erased, 'the certificate does not have the one erased call');
  const [stay, ...others] = certificate.stays;
  expectThat(stay?.recording === held && stay.held && others.length === 0, 'the certificate lacks the call that stays');
  await postAs(world, required(world.deciders, 'privacy'), `/v1/subject-requests/${id}/answer`, {});
  await expectFound(world, NUMBER, []);
  await expectFound(world, HELD_NUMBER, [held]);
  await checkLogOf(world, harbour, EVENTS);
  return `one call erased, one held: the log’s key alone verifies it; the answer is sent, ${NUMBER} finds nothing, and the log has each step`;
}

async function untilApplied(world: DemoWorld, change: string): Promise<void> {
  const { keys } = required(world.tenants, 'harbour');
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const reply = await send(world, keys.privacy, 'GET', `/v1/changes/${change}`);
    expectReply(reply, 'the change', 200);
    const state = memberAt(reply.body, 'state');
    if (state === 'applied') return;
    expectThat(state === 'approved' && Date.now() < end, `the change is ${String(state)} instead of applied`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function expectFound(world: DemoWorld, number: string, expected: readonly string[]): Promise<void> {
  const { keys } = required(world.tenants, 'harbour');
  const reply = await send(world, keys.supervisor, 'POST', '/v1/recordings/search', { json: { number } });
  expectReply(reply, `search for ${number}`, 200);
  const found = listAt(reply.body, 'data').map((one) => memberAt(one, 'id'));
  const same = found.length === expected.length && expected.every((one) => found.includes(one));
  expectThat(same, `${number} finds ${found.length} calls instead of ${expected.length}`);
}
