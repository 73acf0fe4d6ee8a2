// A recording as it stands at this moment: a grant whose time is over gives nothing, also before the service says so.

import type { Recording } from './types.ts';
import { useIsPast } from './use-is-past.ts';

/** The recording; its grant has expired where its time has gone by. */
export function useCurrentAccess<T extends Pick<Recording, 'access'>>(recording: T): T {
  const { access } = recording;
  const isOver = useIsPast(access.state === 'listen' ? access.until : null);
  return isOver ? { ...recording, access: { ...access, state: 'expired' } } : recording;
}
