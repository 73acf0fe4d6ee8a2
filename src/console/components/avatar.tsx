// Avatar of a person.
import { initials } from '../api/current-user.ts';

export function Avatar({ name, size = '' }: { readonly name: string; readonly size?: '' | 's' | 'l' }) {
  return (
    <span className={`face ${size}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
