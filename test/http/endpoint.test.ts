// Endpoints fail at start-up without roles, or where they name neither their audit actions nor that they write none.
import { expect, it } from 'vitest';
import { createRouter, serve } from '../../src/http/endpoint.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

const endpoint = {
  method: 'get',
  path: '/v1/recordings/x',
  operationId: 'getX',
  summary: 'x',
  action: 'recording.read',
  audit: ['recording.read'],
  responses: { 200: { description: 'x' } },
} as const;
const start = (changed: object) => () =>
  serve(
    createRouter('recordings'),
    {} as Vault,
    { ...endpoint, ...changed } as typeof endpoint,
    async () => new Response(),
  );

it('a route with an action and an audit action starts', () => {
  expect(start({})).not.toThrow();
});

it('a route that says that it writes no event starts', () => {
  expect(start({ audit: 'none' })).not.toThrow();
});

it.each([{ action: undefined }, { action: 'unheard.of' }, { action: 'toString' }, { action: '__proto__' }])(
  'a route with %j names no roles and throws',
  (changed) => {
    expect(start(changed)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  },
);

it.each([{ audit: undefined }, { audit: [] }, { audit: 'recording.read' }])(
  'a route with %j names no audit action and throws',
  (changed) => {
    expect(start(changed)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  },
);
