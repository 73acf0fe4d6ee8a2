// How wide the page is: two columns, one, or a phone's.
import { useMediaQuery } from '@mantine/hooks';

export type Width = 'wide' | 'narrow' | 'phone';

/** Followed while the window changes. */
export function useWidth(): Width {
  const options = { getInitialValueInEffect: false };
  const phone = useMediaQuery('(max-width: 639px)', undefined, options);
  const narrow = useMediaQuery('(max-width: 1199px)', undefined, options);
  return phone === true ? 'phone' : narrow === true ? 'narrow' : 'wide';
}
