// The places of the console, and who may go there.
import { Headphones, Inbox, KeyRound, List, type LucideIcon, ShieldCheck, Users } from 'lucide-react';
import type { Me } from '../api/types.ts';
import { can } from '../api/who.ts';

type Name = 'approvals' | 'recordings' | 'access' | 'activity' | 'keys' | 'people';
type Item = {
  readonly name: Name;
  readonly to: `/${Name}`;
  readonly icon: LucideIcon;
  /** Any of these actions opens it. */
  readonly actions: readonly string[];
};

const ITEMS: readonly Item[] = [
  { name: 'approvals', to: '/approvals', icon: Inbox, actions: ['access.decide'] },
  { name: 'recordings', to: '/recordings', icon: List, actions: ['recording.read'] },
  { name: 'access', to: '/access', icon: Headphones, actions: ['access.request'] },
  { name: 'activity', to: '/activity', icon: ShieldCheck, actions: ['log.read', 'activity.read'] },
  { name: 'keys', to: '/keys', icon: KeyRound, actions: ['keys.read'] },
  { name: 'people', to: '/people', icon: Users, actions: ['people.read', 'api-key.read'] },
];

/** The places this person may go, the first of them where they begin. */
export function placesOf(me: Me): readonly Item[] {
  return ITEMS.filter(({ actions }) => actions.some((action) => can(me, action)));
}
