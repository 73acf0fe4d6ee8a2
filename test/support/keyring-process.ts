// A process that opens a keyring and, on a signal, creates keys in it and prints each one. With `rotate` and a key's id it
// rotates that key instead, and prints the data key that it wrapped after each rotation.
import { once } from 'node:events';
import { openKeyring } from '../../src/adapters/local/keyring.ts';

const [path = '', root = '', name = '', count = '1', id = ''] = process.argv.slice(2);
const wait = { signal: AbortSignal.timeout(3_600_000) };
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const keys = await openKeyring(path, root);
for (let n = 0; n < Number(count); n++) {
  if (name === 'rotate') {
    await keys.rotate({ scheme: 'keyring', id }, wait);
    const { wrapped } = await keys.generateDataKey({ scheme: 'keyring', id }, {}, wait);
    process.stdout.write(`wrapped ${Buffer.from(wrapped).toString('base64')}\n`);
  } else {
    const made = await keys.createKey(`${name}_${n}`, 1, wait);
    process.stdout.write(`${made.id}\n`);
  }
}
process.exit(0);
