// Chinese texts of the recordings page.
import type { Catalogue } from '../catalogue.ts';
import type { recordings as english } from '../en/recordings.ts';

export const recordings: Catalogue<typeof english> = {
  title: '录音',
};
