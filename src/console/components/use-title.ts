// The title of the window: what the page is about, and whose it is.
import { useEffect } from 'react';

/** Sets the window's title while the page stands. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · callvault`;
  }, [title]);
}
