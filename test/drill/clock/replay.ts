// A replay of three attacks on what time it is, by real processes: docs/operations/clock.md says what must hold.
import { playControl, playForgedMarks, playForgedRows, playMarkAtRest, uploadCalls } from './edited-rows.ts';
import { type Line, newLines } from './lines.ts';
import { playConfirmed, playSeveral, playWitness } from './other-clocks.ts';
import { addOperators, makeStage } from './people.ts';
import type { ReplayEngine } from './place.ts';
import { playAhead, playAlone, playPutRight, playSetBack } from './wrong-clock.ts';

const DAY = 86_400_000;

/** Plays all of it on an engine, in a temporary folder. Each line is passed on as it comes. */
export async function replayClocks(engine: ReplayEngine, say: (line: Line) => void): Promise<readonly Line[]> {
  const lines = newLines(say);
  // What is uploaded must be due and old before the clock is right: the replay begins ten days ago.
  const stage = await makeStage(engine, -10 * DAY);
  try {
    const server = await stage.serve();
    const operators = await addOperators(stage);
    const calls = await uploadCalls(stage);
    await playControl(stage, calls, lines);
    await playForgedRows(stage, server, calls, lines);
    await playForgedMarks(stage, server, calls, lines);
    await stage.clock.set(0);
    await server.stop();
    await playMarkAtRest(stage, lines);
    await playAlone(stage, lines);
    const left = await playAhead(stage, operators, calls, lines);
    await playPutRight(stage, operators, left, lines);
    await playSetBack(stage, calls, lines);
    await playSeveral(stage, lines);
    await playConfirmed(stage, operators, lines);
    await playWitness(engine, lines);
    return lines.all;
  } catch (cause) {
    throw new Error(`the replay stopped; the service said\n${stage.said()}`, { cause });
  } finally {
    await stage.end();
  }
}
