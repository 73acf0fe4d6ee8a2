// Examples: requests, decisions, grants and sessions.
import type { World } from '../../support/world.ts';
import { wishFor } from '../keyed.ts';
import {
  bodyOf,
  deposited,
  type Example,
  type Examples,
  granted,
  newcomer,
  newcomerWithPasskey,
  requested,
} from './example.ts';

const COMMENT = { start_ms: 1, category: 'note', visibility: 'team', text: 'a word' };

/** A reviewer's session on a new recording. */
async function listening(world: World, wish: object = {}, recording?: string): Promise<string> {
  return `/v1/sessions/${await world.session(world.harbour, await granted(world, wish, recording))}`;
}

async function inSession(world: World, under: string): Promise<Example> {
  return { by: world.harbour.reviewer, path: `${await listening(world)}${under}` };
}

/** A reviewer's own comment. */
async function commented(world: World): Promise<string> {
  const session = await listening(world);
  const sent = { key: world.harbour.reviewer.key, json: COMMENT };
  return `${session}/comments/${(await bodyOf(world.call('POST', `${session}/comments`, sent))).id}`;
}

export const listeningExamples: Examples = {
  createAccessRequest: async (world) => {
    const json = wishFor(await deposited(world));
    return { by: world.harbour.reviewer, path: '/v1/access-requests', sent: { json }, other: { ...json, minutes: 16 } };
  },
  createAccessRequests: async (world) => {
    const { recording, ...wish } = wishFor(await deposited(world));
    const json = { ...wish, recordings: [recording] };
    const path = '/v1/access-requests/bulk';
    return { by: world.harbour.reviewer, path, sent: { json }, other: { ...json, minutes: 16 } };
  },
  listAccessRequests: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/access-requests' }),
  getAccessRequest: async (world) => ({
    by: await newcomer(world, 'supervisor'),
    path: `/v1/access-requests/${await requested(world)}`,
  }),
  approveAccessRequest: async (world) => ({
    by: world.harbour.supervisor,
    path: `/v1/access-requests/${await requested(world)}/approve`,
  }),
  denyAccessRequest: async (world) => ({
    by: world.harbour.supervisor,
    path: `/v1/access-requests/${await requested(world)}/deny`,
    sent: { json: { reason: 'no need' } },
    other: { reason: 'not now' },
  }),
  cancelAccessRequest: async (world) => ({
    by: world.harbour.reviewer,
    path: `/v1/access-requests/${await requested(world)}/cancel`,
  }),
  createDecisionOptions: async (world) => ({
    by: (await newcomerWithPasskey(world, 'supervisor')).browser,
    path: '/v1/access-requests/decide/options',
    sent: { json: { decisions: [{ request: await requested(world), decision: 'approve' }] } },
  }),
  decideAccessRequests: async (world) => {
    const decisions = [{ request: await requested(world), decision: 'approve' }];
    return {
      by: world.harbour.supervisor,
      path: '/v1/access-requests/decide',
      sent: { json: { decisions } },
      other: { decisions: decisions.map((one) => ({ ...one, minutes: 5 })) },
    };
  },
  getPolicy: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/policy' }),
  listGrants: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/grants' }),
  streamEvents: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/events' }),
  getGrant: async (world) => ({
    by: await newcomer(world, 'supervisor'),
    path: `/v1/grants/${await granted(world)}`,
  }),
  extendGrant: async (world) => {
    const grant = await granted(world);
    await world.session(world.harbour, grant);
    return { by: world.harbour.reviewer, path: `/v1/grants/${grant}/extend` };
  },
  revokeGrant: async (world) => ({
    by: world.harbour.reviewer,
    path: `/v1/grants/${await granted(world)}/revoke`,
  }),
  revokeGrants: async (world) => {
    const { supervisor, reviewer } = world.harbour;
    const recording = await deposited(world);
    await granted(world, {}, recording);
    return { by: supervisor, path: '/v1/grants/revoke', sent: { json: { recording } }, other: { person: reviewer.id } };
  },
  openSession: async (world) => ({
    by: world.harbour.reviewer,
    path: `/v1/grants/${await granted(world)}/sessions`,
  }),
  getMedia: async (world) => {
    const path = `${await listening(world)}/media`;
    return { by: world.harbour.reviewer, path, also: [{ path, sent: { headers: { range: 'bytes=0-9' } } }] };
  },
  getTranscript: async (world) => {
    const { uploader, reviewer } = world.harbour;
    const recording = await deposited(world);
    const sent = { type: 'text/vtt', body: 'WEBVTT\n', key: uploader.key };
    await bodyOf(world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, sent));
    const session = await listening(world, { objects: ['audio', 'transcript'] }, recording);
    return { by: reviewer, path: `${session}/transcripts/en` };
  },
  getPeaks: (world) => inSession(world, '/peaks'),
  getSession: (world) => inSession(world, ''),
  endSession: (world) => inSession(world, ''),
  listComments: (world) => inSession(world, '/comments'),
  createComment: async (world) => ({
    ...(await inSession(world, '/comments')),
    sent: { json: COMMENT },
    other: { ...COMMENT, text: 'another' },
  }),
  replaceComment: async (world) => ({
    by: world.harbour.reviewer,
    path: await commented(world),
    sent: { json: { ...COMMENT, text: 'another' } },
  }),
  deleteComment: async (world) => ({ by: world.harbour.reviewer, path: await commented(world) }),
};
