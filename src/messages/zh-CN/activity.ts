// Chinese texts of the activity page.
import type { Catalogue } from '../catalogue.ts';
import type { activity as english } from '../en/activity.ts';

export const activity: Catalogue<typeof english> = {
  title: '收听记录',
};
