// More rows for tests of the database: one of each kind that fixture-rows.ts does not have.
import type { ApiKey, Principal } from '../../src/model/principal.ts';
import type { Passkey, SignIn, SignInLink } from '../../src/model/sign-in.ts';
import type { Tenant } from '../../src/model/tenant.ts';

export const tenant: Tenant = {
  tenant: 'ten_a',
  name: '海港银行',
  state: 'ACTIVE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  country: 'GB',
  defaultBasis: 'consent',
  timeZone: null,
  decideByKey: true,
  searchable: ['contract', 'order-no'],
  region: '',
  bucket: '',
  prefix: '',
  key: { scheme: 'keyring', id: 'key' },
  wrap: 2,
  minimumWrap: 1,
  volume: false,
  metadataKey: { scheme: 'keyring', id: 'older', wrap: 1, wrapped: Buffer.from([0, 255]) },
  blobWrap: 1,
};
export const principal: Principal = {
  tenant: 'ten_a',
  id: 'usr_a',
  kind: 'person',
  state: 'ACTIVE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  roles: ['reviewer', 'supervisor'],
  owners: [],
  first: true,
  approvingSince: '2026-11-26T12:00:00.000Z',
  trainedUntil: '2027-03-31',
  name: Buffer.from('sealed'),
  leafIndex: 7,
  mac: Buffer.alloc(32, 7),
};
export const apiKey: ApiKey = {
  tenant: 'ten_a',
  id: 'key_a',
  principal: 'usr_a',
  hash: Buffer.alloc(32, 7),
  scopes: ['listen', 'read'],
  state: 'ACTIVE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  expires: '2026-12-25T12:00:00.000Z',
  mac: Buffer.alloc(32, 7),
};
export const decisionRow = {
  tenant: 'ten_a',
  request: 'req_a',
  decision: 'approve',
  at: '2026-11-25T12:00:00.000Z',
  words: null,
  minutes: null,
  objects: null,
  opensUntil: null,
  extendMinutes: null,
  mac: Buffer.alloc(32, 7),
} as const;
export const wrappedKeyRow = {
  tenant: 'ten_a',
  deposit: 'dep_a',
  scheme: 'kms',
  keyId: 'k',
  wrap: 1,
  wrapped: Buffer.alloc(80, 1),
  envelopeWrap: null,
} as const;
export const objectRow = {
  tenant: 'ten_a',
  id: 'obj_a',
  deposit: 'dep_a',
  name: 'audio',
  type: 'audio/wav',
  size: 83_886_079_999,
  sealed: 83_986_079_999,
  parts: 10_000,
  heads: Buffer.alloc(64, 2),
};
export const partOf = (number: number) => ({
  tenant: 'ten_a',
  deposit: 'dep_a',
  number,
  size: 8_396_872,
  receipt: `"${number}"`,
  header: Buffer.alloc(56, number),
});

export const signIn: SignIn = {
  tenant: 'ten_a',
  id: 'sgn_a',
  principal: 'usr_a',
  hash: Buffer.alloc(32, 1),
  method: 'link',
  state: 'LIVE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  seen: '2026-11-25T12:00:00.000Z',
  idleEnds: '2026-11-25T12:30:00.000Z',
  ends: '2026-11-26T00:00:00.000Z',
  authTime: '2026-11-25T12:00:00.000Z',
  authMethod: 'link',
  ended: null,
  reason: null,
  leafIndex: 7,
  mac: Buffer.alloc(32, 7),
};

export const signInLink: SignInLink = {
  tenant: 'ten_a',
  id: 'lnk_a',
  principal: 'usr_a',
  hash: Buffer.alloc(32, 2),
  state: 'OPEN',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  expires: '2026-11-25T12:15:00.000Z',
  leafIndex: 7,
  mac: Buffer.alloc(32, 7),
};

export const passkey: Passkey = {
  tenant: 'ten_a',
  id: 'pky_a',
  principal: 'usr_a',
  credential: 'Y3JlZGVudGlhbA',
  publicKey: Buffer.from('key'),
  counter: 3,
  transports: ['internal', 'usb'],
  label: Buffer.from('sealed'),
  state: 'ACTIVE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  lastUsed: null,
  leafIndex: 7,
  mac: Buffer.alloc(32, 7),
};
