// Title of the window: the page and the tenant.
import { useEffect } from 'react';

/** Sets the window's title while the page is mounted. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · callvault`;
  }, [title]);
}
