// What KMS says of itself: its prices and quota, and how its keys are named.
import { VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { CallCosts, KeyProvider } from '../../ports/key-provider.ts';
import { isKeyArn, partsOf } from './key-arn.ts';
import type { KmsOptions } from './kms-clients.ts';

/**
 * Symmetric requests are billed by the ten thousand; a re-wrap is one (https://aws.amazon.com/kms/pricing/). The quota is
 * what most Regions allow an account (https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html).
 */
export const KMS_CALLS: CallCosts = { service: 'KMS', quota: 10_000, dollars: 0.03 / 10_000 };

/** KMS as these options reach it. */
export function kmsProvider({ region, endpoint }: KmsOptions): KeyProvider {
  const at = endpoint === undefined ? '' : ` at ${new URL(endpoint).host}`;
  return {
    title: `kms: in ${region}${at}`,
    calls: KMS_CALLS,
    // A customer may delete a key of theirs.
    ownsKeys: false,
    rewrapsInside: true,
    parseKey,
    isSameKey,
    isOneService: (one, other) => {
      // KMS re-encrypts inside one Region.
      const [from, to] = [one, other].map(({ scheme, id }) => (scheme === 'kms' ? partsOf(id)?.region : undefined));
      return from !== undefined && from === to;
    },
    steps: [],
  };
}

function parseKey(id: string): KeyReference {
  if (isKeyArn(id)) return { scheme: 'kms', id };
  throw new VaultError('malformed', 'a key is named by its ARN: arn:aws:kms:REGION:ACCOUNT:key/ID');
}

/** Replicas of a multi-Region key (`mrk-…`) are one key, whatever their Regions. */
function isSameKey(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [partsOf(one), partsOf(other)];
  if (a === null || b === null || !a.key.startsWith('mrk-')) return false;
  return a.partition === b.partition && a.account === b.account && a.key === b.key;
}
