// All English texts, by area.
import { assignments } from './assignments.ts';
import { englishOfEveryPage } from './every-page.ts';
import { keys } from './keys.ts';
import { retentionPage } from './retention-page.ts';
import { teams } from './teams.ts';

export const english = { ...englishOfEveryPage, assignments, keys, retentionPage, teams };
