// Leaving: the sign-in ends at the service, and everything that was read is forgotten here.
import { fetchJson } from '../api/client.ts';

/** Signs out here, or wherever the person is signed in. */
export async function signOut(where: 'here' | 'everywhere' = 'here'): Promise<void> {
  await fetchJson('DELETE', where === 'here' ? '/v1/sign-in' : '/v1/sign-ins');
  // A new page: nothing of what was read, typed or searched for is left in this window.
  location.assign('/sign-in?out=true');
}
