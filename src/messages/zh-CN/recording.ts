// Chinese texts of one recording and its player.
import type { Catalogue } from '../catalogue.ts';
import type { recording as english } from '../en/recording.ts';

export const recording: Catalogue<typeof english> = {
  title: '录音',
};
