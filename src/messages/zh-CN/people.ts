// Chinese texts of the people page.
import type { Catalogue } from '../catalogue.ts';
import type { people as english } from '../en/people.ts';

export const people: Catalogue<typeof english> = {
  title: '人员与密钥',
};
