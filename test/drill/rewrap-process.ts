// One runner of the re-wrap drill as a process of its own, with nothing in its way.
import { runner } from './runner.ts';

await runner();
