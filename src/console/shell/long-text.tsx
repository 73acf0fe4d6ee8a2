// Text that may be too long for its place: shortened, and expanded on request.
import { useState } from 'react';
import { UserText } from '../components/user-text.tsx';

const MAX_UNCUT = 24;

/** The text; a long one is a button that expands and collapses it. */
export function LongText({ text }: { readonly text: string }) {
  const [whole, setWhole] = useState(false);
  if ([...text].length <= MAX_UNCUT) return <UserText text={text} />;
  return (
    <button
      type="button"
      className={whole ? 'long whole' : 'long cut'}
      aria-expanded={whole}
      onClick={() => setWhole(!whole)}
    >
      <UserText text={text} />
    </button>
  );
}
