// Sign-out: ends the sign-in at the service and clears everything in this window.
import { fetchJson } from '../api/client.ts';

/** Signs out here, or everywhere. */
export async function signOut(where: 'here' | 'everywhere' = 'here'): Promise<void> {
  await fetchJson('DELETE', where === 'here' ? '/v1/sign-in' : '/v1/sign-ins');
  // Reloads, so that nothing that was read, typed or searched for stays in memory.
  location.assign('/sign-in?out=true');
}
