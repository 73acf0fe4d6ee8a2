// All English texts, by area.
import { assignments } from './assignments.ts';
import { completeness } from './completeness.ts';
import { consent } from './consent.ts';
import { erasures } from './erasures.ts';
import { englishOfEveryPage } from './every-page.ts';
import { holds } from './holds.ts';
import { keys } from './keys.ts';
import { retentionPage } from './retention-page.ts';
import { subjects } from './subjects.ts';
import { teams } from './teams.ts';

export const english = {
  ...englishOfEveryPage,
  assignments,
  completeness,
  consent,
  erasures,
  holds,
  keys,
  retentionPage,
  subjects,
  teams,
};
