// Service process of the demo. It exits with the demo, even when the demo is killed and can send no signal.

import { thisPackage } from '../../src/cli/support/this-package.ts';
import { serve } from '../../src/main.ts';

process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
await serve(thisPackage());
process.stdin.destroy();
