// The demo's service process: it ends with the demo, even where the demo is killed and can tell it nothing.

import { packageVersion } from '../../src/cli/support/version.ts';
import { serve } from '../../src/main.ts';

process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
await serve(packageVersion());
process.stdin.destroy();
