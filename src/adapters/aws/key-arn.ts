// KMS key ARNs, the only key names that callvault accepts; the ARN names the Region to call.
import { VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';

const KEY_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):kms:([a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}):(\d{12}):key\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

type ArnParts = {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly key: string;
};

/** What a key ARN says, or null for any other text. */
export function partsOf(text: string): ArnParts | null {
  const [whole, partition = '', region = '', account = '', key = ''] = KEY_ARN.exec(text) ?? [];
  return whole === undefined ? null : { partition, region, account, key };
}

/** Whether a text is the ARN of a key, not of an alias. */
export function isKeyArn(text: string): boolean {
  return KEY_ARN.test(text);
}

/** The Region of a key. Throws `key_refused` for another scheme and for an id that is not a key ARN. */
export function regionOf(key: KeyReference): string {
  if (key.scheme !== 'kms') throw new VaultError('key_refused', `KMS has no ${key.scheme} keys`);
  const region = partsOf(key.id)?.region;
  if (region === undefined) throw new VaultError('key_refused', 'the key is not named by its ARN');
  return region;
}
