// The Chinese texts that every page of the console loads, by area.
import { access } from './access.ts';
import { account } from './account.ts';
import { activity } from './activity.ts';
import { approvals } from './approvals.ts';
import { ask } from './ask.ts';
import { changes } from './changes.ts';
import { checks } from './checks.ts';
import { events } from './events.ts';
import { help } from './help.ts';
import { people } from './people.ts';
import { player } from './player.ts';
import { policy } from './policy.ts';
import { problems } from './problems.ts';
import { queue } from './queue.ts';
import { recording } from './recording.ts';
import { recordings } from './recordings.ts';
import { shell } from './shell.ts';
import { signIn } from './sign-in.ts';
import { words } from './words.ts';

export const chineseOfEveryPage = {
  access,
  account,
  activity,
  approvals,
  ask,
  changes,
  checks,
  events,
  help,
  people,
  player,
  policy,
  problems,
  queue,
  recording,
  recordings,
  shell,
  signIn,
  words,
};
