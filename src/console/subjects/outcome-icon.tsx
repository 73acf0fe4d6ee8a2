// The icon of an outcome: what is erased is red, what waits amber.
import { Clock3, Copy, FilePen, Info, type LucideIcon, Scale, ShieldBan, Trash2 } from 'lucide-react';
import type { Outcome } from './types.ts';

const ICONS: Record<Outcome, readonly [LucideIcon, string]> = {
  erase: [Trash2, 'i s no'],
  later: [Clock3, 'i s wait'],
  held: [Scale, 'i s dim'],
  rectify: [FilePen, 'i s dim'],
  restrict: [ShieldBan, 'i s dim'],
  copy: [Copy, 'i s dim'],
  told: [Info, 'i s dim'],
};

export function OutcomeIcon({ outcome }: { readonly outcome: Outcome }) {
  const [Icon, className] = ICONS[outcome];
  return <Icon className={className} />;
}
