// A process that opens a keyring and creates keys in it, as soon as it is told to go; it says each one that it has.
import { once } from 'node:events';
import { openKeyring } from '../../src/adapters/local/keyring.ts';

const [path = '', root = '', name = '', count = '1'] = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const keys = await openKeyring(path, root);
for (let n = 0; n < Number(count); n++) {
  const { id } = await keys.createKey(`${name}_${n}`, { signal: AbortSignal.timeout(60_000) });
  process.stdout.write(`${id}\n`);
}
process.exit(0);
