// Chinese texts of my access.
import type { Catalogue } from '../catalogue.ts';
import type { access as english } from '../en/access.ts';

export const access: Catalogue<typeof english> = {
  title: '我的调听',
};
