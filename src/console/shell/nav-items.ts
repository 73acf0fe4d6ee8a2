// Pages of the navigation, and who may open them.
import {
  CalendarClock,
  ClipboardCheck,
  ClipboardList,
  FilePen,
  FileX2,
  Headphones,
  Inbox,
  KeyRound,
  List,
  ListChecks,
  type LucideIcon,
  MessageCircleCheck,
  Scale,
  ShieldCheck,
  SlidersHorizontal,
  UserRound,
  Users,
  UsersRound,
} from 'lucide-react';
import { can } from '../api/current-user.ts';
import type { Me } from '../api/types.ts';

type Name =
  | 'my-queue'
  | 'assignments'
  | 'approvals'
  | 'recordings'
  | 'access'
  | 'activity'
  | 'keys'
  | 'people'
  | 'teams'
  | 'changes'
  | 'policy'
  | 'consent'
  | 'erasures'
  | 'holds'
  | 'completeness'
  | 'subject-requests'
  | 'retention';
export type NavItem = {
  readonly name: Name;
  readonly to: `/${Name}`;
  readonly icon: LucideIcon;
  /** Actions of which the person needs any. */
  readonly actions: readonly string[];
  /** Whether it is a page about lifetimes: first for privacy officers, last for others who read it. */
  readonly ofPrivacy?: boolean;
  /** Whether it is a page of people to whom calls are assigned. */
  readonly forReviewers?: boolean;
};

const NAV_ITEMS: readonly NavItem[] = [
  { name: 'subject-requests', to: '/subject-requests', icon: UserRound, actions: ['lifetime.read'], ofPrivacy: true },
  { name: 'holds', to: '/holds', icon: Scale, actions: ['lifetime.read'], ofPrivacy: true },
  { name: 'retention', to: '/retention', icon: CalendarClock, actions: ['settings.read'], ofPrivacy: true },
  { name: 'consent', to: '/consent', icon: MessageCircleCheck, actions: ['lifetime.read'], ofPrivacy: true },
  { name: 'erasures', to: '/erasures', icon: FileX2, actions: ['certificate.issue'], ofPrivacy: true },
  {
    ...{ name: 'completeness', to: '/completeness', icon: ListChecks, actions: ['completeness.read'] },
    ofPrivacy: true,
  },
  { name: 'my-queue', to: '/my-queue', icon: ClipboardCheck, actions: ['assignment.read'], forReviewers: true },
  { name: 'approvals', to: '/approvals', icon: Inbox, actions: ['access.decide'] },
  { name: 'recordings', to: '/recordings', icon: List, actions: ['recording.read'] },
  { name: 'assignments', to: '/assignments', icon: ClipboardList, actions: ['batch.make'] },
  { name: 'access', to: '/access', icon: Headphones, actions: ['access.request'] },
  { name: 'activity', to: '/activity', icon: ShieldCheck, actions: ['log.activity'] },
  { name: 'keys', to: '/keys', icon: KeyRound, actions: ['keys.read'] },
  { name: 'people', to: '/people', icon: Users, actions: ['people.read', 'api-key.read'] },
  { name: 'teams', to: '/teams', icon: UsersRound, actions: ['team.read'] },
  { name: 'policy', to: '/policy', icon: SlidersHorizontal, actions: ['settings.read'] },
  { name: 'changes', to: '/changes', icon: FilePen, actions: ['change.read'] },
];

/** Whether calls can be assigned to the person: supervisors may read a queue as well, and have none. */
export function isReviewer({ principal }: Pick<Me, 'principal'>): boolean {
  return principal.roles.includes('reviewer');
}

function isOpenTo(me: Me, { actions, forReviewers = false }: NavItem): boolean {
  return actions.some((action) => can(me, action)) && (!forReviewers || isReviewer(me));
}

/** Pages that the person may open; the first is their start page. */
export function navItemsFor(me: Me): readonly NavItem[] {
  const open = NAV_ITEMS.filter((item) => isOpenTo(me, item));
  if (me.principal.roles.includes('privacy')) return open;
  const isOthers = ({ ofPrivacy = false }: NavItem): boolean => !ofPrivacy;
  return [...open.filter(isOthers), ...open.filter((item) => !isOthers(item))];
}

/** The navigation item of an address that the person may not open; null for an allowed or unknown address. */
export function forbiddenItemAt(me: Me, pathname: string): NavItem | null {
  const item = NAV_ITEMS.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  return item === undefined || isOpenTo(me, item) ? null : item;
}
