// The demo's service process: it ends with the demo, even where the demo is killed and can tell it nothing.
import { serve } from '../../src/main.ts';
import { packageVersion } from '../version.ts';

process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
await serve(packageVersion());
process.stdin.destroy();
