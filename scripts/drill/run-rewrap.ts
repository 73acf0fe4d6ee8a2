// The runner as it is.
import { runner } from './runner.ts';

await runner();
