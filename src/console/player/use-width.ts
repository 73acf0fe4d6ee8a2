// Width class of the page: two columns, one column, or a phone.
import { useMediaQuery } from '@mantine/hooks';

export type Width = 'wide' | 'narrow' | 'phone';

/** Updates when the window is resized. */
export function useWidth(): Width {
  const options = { getInitialValueInEffect: false };
  const phone = useMediaQuery('(max-width: 639px)', undefined, options);
  const narrow = useMediaQuery('(max-width: 1199px)', undefined, options);
  return phone === true ? 'phone' : narrow === true ? 'narrow' : 'wide';
}
