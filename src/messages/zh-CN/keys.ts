// Chinese texts of the keys page.
import type { Catalogue } from '../catalogue.ts';
import type { keys as english } from '../en/keys.ts';

export const keys: Catalogue<typeof english> = {
  title: '密钥',
};
