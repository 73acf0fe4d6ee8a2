// One runner of the re-wrap drill as a process of its own, with nothing in its way.
import { runRewrap } from './runner.ts';

await runRewrap();
