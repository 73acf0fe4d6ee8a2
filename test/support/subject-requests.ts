// Requests of recorded people in a tested world: from the letter to the answer, by the two people who decide.
import { expect } from 'vitest';
import { continueAnswers } from '../../src/vault/changes/continue-answers.ts';
import { type SteppingUp, signChange, withPasskey } from './changes.ts';
import { NUMBER } from './consent.ts';
import type { World } from './world.ts';

type Body = Readonly<Record<string, unknown>>;

const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** The privacy officer and the admin of Harbour Bank, signed in with passkeys. */
export type SubjectPeople = { readonly privacy: SteppingUp; readonly admin: SteppingUp };

export async function subjectPeople(world: World): Promise<SubjectPeople> {
  const { tenant, privacy, admin } = world.harbour;
  return { privacy: await withPasskey(world, tenant, privacy.id), admin: await withPasskey(world, tenant, admin.id) };
}

/** Ways to handle requests, over a world. */
export function subjectsIn(world: World, people: () => SubjectPeople) {
  const call = async (who: SteppingUp, method: string, path: string, json?: object): Promise<Body> => {
    const reply = await who.browser.call(method, path, json === undefined ? {} : { json });
    const body = (await reply.json()) as Body;
    expect([reply.status < 300, body]).toEqual([true, body]);
    return body;
  };
  const privately = (method: string, path: string, json?: object) => call(people().privacy, method, path, json);
  const open = async (kinds: readonly string[], person: object = {}): Promise<string> => {
    const json = { kinds, person: { numbers: [NUMBER], copies: true, ...person } };
    const id = String((await privately('POST', '/v1/subject-requests', json))['id']);
    await privately('POST', `/v1/subject-requests/${id}/identity`, { how: 'called back' });
    await privately('POST', `/v1/subject-requests/${id}/search`, {});
    return id;
  };
  const decide = async (id: string, json: object = {}): Promise<string> => {
    const decided = await privately('POST', `/v1/subject-requests/${id}/decision`, { note: 'as asked', ...json });
    const change = String((decided['change'] as Body)['id']);
    await signChange(people().privacy.browser, people().privacy.key, change);
    return change;
  };
  const approve = async (change: string): Promise<void> => {
    await call(people().admin, 'POST', `/v1/changes/${change}/approve`);
  };
  const carryOut = () => continueAnswers(world.vault, wait());
  return {
    call: privately,
    open,
    decide,
    approve,
    carryOut,
    /** A request whose decision was approved and carried out. */
    decided: async (kinds: readonly string[], decision: object = {}, person: object = {}) => {
      const id = await open(kinds, person);
      const change = await decide(id, decision);
      await approve(change);
      await carryOut();
      return { id, change };
    },
  };
}
