// Service process of the demo. It exits with the demo, even when the demo is killed and can send no signal.

import { packageVersion } from '../../src/cli/support/version.ts';
import { serve } from '../../src/main.ts';

process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
await serve(packageVersion());
process.stdin.destroy();
