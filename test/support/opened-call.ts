// A call of two minutes in a new world for each test, and a reviewer's session on it.
import { freshFixture } from './fixtures.ts';
import { wav } from './wav.ts';
import { type Cast, makeWorld, type World } from './world.ts';

/** 16,000 bytes a second after a 44-byte header. */
export const CALL = wav(120 * 16_000);

/** A line of a recording's activity. */
export type ActivityLine = Readonly<Record<string, unknown>> & {
  readonly actor: { readonly id: string; readonly name: string | null };
};

export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

type Person = keyof Omit<Cast, 'tenant'>;

export type OpenedCall = {
  readonly world: World;
  readonly harbour: Cast;
  readonly recording: string;
  readonly grant: string;
  readonly session: string;
  readonly get: (path: string, who?: Person, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** The recording's activity as a person sees it. */
  readonly activity: (query?: string, who?: Person) => Promise<Page<ActivityLine>>;
};

/** A world, a call and a session for each test. */
export function freshOpenedCall(): OpenedCall {
  return freshFixture(
    async () => {
      const world = await makeWorld();
      const { harbour } = world;
      const recording = await world.deposited(harbour, 'call', CALL);
      const grant = await world.grant(harbour, recording);
      const session = await world.session(harbour, grant);
      const get: OpenedCall['get'] = async (path, who = 'reviewer', headers = {}) =>
        world.call('GET', path, { key: harbour[who].key, headers });
      const activity: OpenedCall['activity'] = async (query = '', who = 'supervisor') =>
        (await (await get(`/v1/recordings/${recording}/activity${query}`, who)).json()) as Page<ActivityLine>;
      return { world, harbour, recording, grant, session, get, activity };
    },
    ({ world }) => world.end(),
  );
}
