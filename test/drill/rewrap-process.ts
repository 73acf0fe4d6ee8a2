// Process of one runner of the re-wrap drill, without interference.
import { runRewrap } from './runner.ts';

await runRewrap();
