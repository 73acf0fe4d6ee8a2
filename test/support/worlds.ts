// Worlds that hooks create and end.
import { freshFixture, sharedFixture } from './fixtures.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';
import type { EngineName } from './vault.ts';
import { makeWorld, type World, type WorldOptions } from './world.ts';

const end = (world: World): Promise<void> => world.end();

/** One world for all tests, on SQLite or on a fresh PostgreSQL database. */
export function sharedWorld(options: WorldOptions = {}, engine: EngineName = 'sqlite'): World {
  return sharedFixture(() => makeWorldOn(engine, options), end);
}

/** A new world for each test. */
export function freshWorld(options: WorldOptions = {}): World {
  return freshFixture(() => makeWorld(options), end);
}

async function makeWorldOn(engine: EngineName, options: WorldOptions): Promise<World> {
  if (engine === 'sqlite') return makeWorld(options);
  return makeWorld({ ...options, postgres: await freshDatabase(await serverOf(engine)) });
}
