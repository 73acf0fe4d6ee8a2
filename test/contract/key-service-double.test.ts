// The contract of key services over the KMS adapter on the double, in AWS's main partition and China's.
import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import { doubleKeys } from '../support/double/adapters.ts';
import { kmsAt } from '../support/double/clients.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import { putState } from '../support/key-owner.ts';
import { keyServiceContract } from './key-service.ts';

const doubles: Double[] = [];
afterAll(() => Promise.all(doubles.map(({ close }) => close())));

for (const [region, elsewhere] of [
  ['eu-central-1', 'cn-north-1'],
  ['cn-northwest-1', 'us-gov-west-1'],
] as const) {
  keyServiceContract({ name: `KMS on the double in ${region}`, server: null }, async () => {
    const double = await startDouble();
    doubles.push(double);
    const owner = kmsAt(double, { region });
    return {
      keys: doubleKeys(double, region),
      put: putState(owner),
      unknown: (key) => [
        { ...key, id: `${key.id.slice(0, -36)}${randomUUID()}` },
        { ...key, id: key.id.replace(region, 'us-east-2') },
        { ...key, id: key.id.replace(region, elsewhere).replace(/^arn:[a-z-]+/, partition(elsewhere)) },
      ],
      nameless: ({ id }) => ['', id.slice(-36), `${id}0`, id.replace(/:key\/.*/, ':alias/vault/tenant/ten_a')],
    };
  });
}

function partition(region: string): string {
  return region.startsWith('cn-') ? 'arn:aws-cn' : 'arn:aws-us-gov';
}
