// Leaving: the sign-in ends at the service, and everything that was read is forgotten here.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../api/client.ts';
import { personalTerms } from './personal-search.ts';

/** Signs out here, or wherever the person is signed in. */
export function useSignOut(): (where?: 'here' | 'everywhere') => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (where = 'here') => {
    await call('DELETE', where === 'here' ? '/v1/sign-in' : '/v1/sign-ins');
    personalTerms.set({});
    await navigate({ to: '/sign-in', search: { out: true } });
    client.clear();
  };
}
