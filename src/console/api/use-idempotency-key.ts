// Idempotency keys of a form: one for each thing that it may ask for.
import { useRef } from 'react';
import { newIdempotencyKey } from './client.ts';

/** The key of what is asked for: the same for as long as that is, so that a second click is the same request. */
export function useIdempotencyKey(): (meaning: unknown) => string {
  const last = useRef({ meaning: '', key: '' });
  return (meaning) => {
    const said = JSON.stringify(meaning);
    if (last.current.meaning !== said) last.current = { meaning: said, key: newIdempotencyKey() };
    return last.current.key;
  };
}
