// Routes of the console; each loads its page on demand.
// Long because it lists every page in one place.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { whenOnline } from './api/online.ts';
import { problemOf } from './api/problem.ts';
import { meQuery } from './api/queries.ts';
import { ErrorPage, ErrorPageFor, NotFound } from './components/error-page.tsx';
import { Skeleton } from './components/skeleton.tsx';
import { withTexts } from './i18n/language.ts';
import { readActivitySearch } from './pages/activity/filters/filter.ts';
import { readPeopleSearch } from './pages/people/search-params.ts';
import { readRecordingSearch } from './pages/recording/search-params.ts';
import { readRecordingsSearch } from './pages/recordings/search-params.ts';
import { readNext } from './pages/sign-in/return-path.ts';
import { readSubjectsSearch } from './pages/subjects/search-params.ts';
import { navItemsFor } from './shell/nav-items.ts';
import { Shell } from './shell/shell.tsx';

type Context = { readonly client: QueryClient };

const rootRoute = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string; out?: boolean } => ({
    ...readNext(search['next']),
    ...(search['out'] === true ? { out: true } : {}),
  }),
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/sign-in/page.tsx')), 'SignInPage'),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.client.ensureQueryData(meQuery) };
    } catch (error) {
      if (problemOf(error)?.status !== 401) throw error;
      throw redirect({ to: '/sign-in', search: readNext(location.href), replace: true });
    }
  },
});

const home = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ to: navItemsFor(context.me)[0]?.to ?? '/account', replace: true });
  },
});

const myQueue = createRoute({
  getParentRoute: () => shellRoute,
  path: '/my-queue',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/my-queue/page.tsx')), 'MyQueuePage'),
});
const assignments = createRoute({
  getParentRoute: () => shellRoute,
  path: '/assignments',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('assignments', () => import('./pages/assignments/page.tsx'))),
    'AssignmentsPage',
  ),
});
const recordings = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings',
  validateSearch: readRecordingsSearch,
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/recordings/page.tsx')), 'RecordingsPage'),
});
const recording = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$id',
  validateSearch: readRecordingSearch,
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/recording/page.tsx')), 'RecordingPage'),
});
const ask = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recordings/$id/ask',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/ask/page.tsx')), 'AskPage'),
});
const access = createRoute({
  getParentRoute: () => shellRoute,
  path: '/access',
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: 'pending' | 'past' } =>
    tab === 'pending' || tab === 'past' ? { tab } : {},
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/access/page.tsx')), 'AccessPage'),
});
const approvals = createRoute({
  getParentRoute: () => shellRoute,
  path: '/approvals',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/approvals/page.tsx')), 'ApprovalsPage'),
});
const approval = createRoute({
  getParentRoute: () => shellRoute,
  path: '/approvals/$id',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/approvals/page.tsx')), 'ApprovalsPage'),
});
const activity = createRoute({
  getParentRoute: () => shellRoute,
  path: '/activity',
  validateSearch: readActivitySearch,
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/activity/page.tsx')), 'ActivityPage'),
});
const keys = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('keys', () => import('./pages/keys/page.tsx'))),
    'KeysPage',
  ),
});
const people = createRoute({
  getParentRoute: () => shellRoute,
  path: '/people',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/people/page.tsx')), 'PeoplePage'),
});
const teams = createRoute({
  getParentRoute: () => shellRoute,
  path: '/teams',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('teams', () => import('./pages/teams/page.tsx'))),
    'TeamsPage',
  ),
});
const team = createRoute({
  getParentRoute: () => shellRoute,
  path: '/teams/$id',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('teams', () => import('./pages/teams/team-page.tsx'))),
    'TeamPage',
  ),
});
const changes = createRoute({
  getParentRoute: () => shellRoute,
  path: '/changes',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/changes/page.tsx')), 'ChangesPage'),
});
const change = createRoute({
  getParentRoute: () => shellRoute,
  path: '/changes/$id',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/changes/page.tsx')), 'ChangesPage'),
});
const policy = createRoute({
  getParentRoute: () => shellRoute,
  path: '/policy',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/policy/page.tsx')), 'PolicyPage'),
});
const onePolicy = createRoute({
  getParentRoute: () => shellRoute,
  path: '/policy/$id',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/policy/page.tsx')), 'PolicyPage'),
});
const retentionPage = lazyRouteComponent(
  () => whenOnline(() => withTexts('retentionPage', () => import('./pages/retention/page.tsx'))),
  'RetentionPage',
);
const retention = createRoute({ getParentRoute: () => shellRoute, path: '/retention', component: retentionPage });
const oneRetention = createRoute({
  getParentRoute: () => shellRoute,
  path: '/retention/$id',
  component: retentionPage,
});
const holds = createRoute({
  getParentRoute: () => shellRoute,
  path: '/holds',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('holds', () => import('./pages/holds/page.tsx'))),
    'HoldsPage',
  ),
});
const consent = createRoute({
  getParentRoute: () => shellRoute,
  path: '/consent',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('consent', () => import('./pages/consent/page.tsx'))),
    'ConsentPage',
  ),
});
const erasures = createRoute({
  getParentRoute: () => shellRoute,
  path: '/erasures',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('erasures', () => import('./pages/erasures/page.tsx'))),
    'ErasuresPage',
  ),
});
const completeness = createRoute({
  getParentRoute: () => shellRoute,
  path: '/completeness',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('completeness', () => import('./pages/completeness/page.tsx'))),
    'CompletenessPage',
  ),
});
const hold = createRoute({
  getParentRoute: () => shellRoute,
  path: '/holds/$id',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('holds', () => import('./pages/holds/hold-page.tsx'))),
    'HoldPage',
  ),
});
const subjectRequests = createRoute({
  getParentRoute: () => shellRoute,
  path: '/subject-requests',
  validateSearch: readSubjectsSearch,
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('subjects', () => import('./pages/subjects/page.tsx'))),
    'SubjectsPage',
  ),
});
const newSubjectRequest = createRoute({
  getParentRoute: () => shellRoute,
  path: '/subject-requests/new',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('subjects', () => import('./pages/subjects/new/new-page.tsx'))),
    'NewSubjectPage',
  ),
});
const subjectRequest = createRoute({
  getParentRoute: () => shellRoute,
  path: '/subject-requests/$id',
  component: lazyRouteComponent(
    () => whenOnline(() => withTexts('subjects', () => import('./pages/subjects/one-page.tsx'))),
    'SubjectPage',
  ),
});
const help = createRoute({
  getParentRoute: () => shellRoute,
  path: '/help',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/help/page.tsx')), 'HelpPage'),
});
const account = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  component: lazyRouteComponent(() => whenOnline(() => import('./pages/account/page.tsx')), 'AccountPage'),
});
const notFoundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: () => <ErrorPage kind="not_found" />,
});

const pages = [
  home,
  myQueue,
  assignments,
  recordings,
  recording,
  ask,
  access,
  approvals,
  approval,
  activity,
  keys,
  people,
  teams,
  team,
  changes,
  change,
  policy,
  onePolicy,
  retention,
  oneRetention,
  holds,
  hold,
  consent,
  subjectRequests,
  newSubjectRequest,
  subjectRequest,
  erasures,
  completeness,
  help,
  account,
];
const tree = rootRoute.addChildren([signIn, shellRoute.addChildren([...pages, notFoundRoute])]);

/** Creates the router over this cache. */
export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingMs: 200,
    defaultPendingComponent: () => <Skeleton />,
    defaultErrorComponent: ErrorPageFor,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
