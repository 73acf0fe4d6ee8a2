// Chinese texts of asking for access.
import type { Catalogue } from '../catalogue.ts';
import type { ask as english } from '../en/ask.ts';

export const ask: Catalogue<typeof english> = {
  title: '申请调听',
};
