// Icon and tone of an action. Colour means access, waiting or denial, and never stands without an icon.
import {
  Building2,
  CalendarClock,
  Check,
  Eye,
  FileAudio,
  FilePen,
  Headphones,
  KeyRound,
  LogIn,
  type LucideIcon,
  MessageSquare,
  ScanEye,
  Send,
  Square,
  Trash2,
  Upload,
  UserRound,
  X,
} from 'lucide-react';
import { type AuditAction, areaOf, type EventArea, isAuditAction } from '../../../../model/log/event-catalogue.ts';

export type ActionIcon = { readonly icon: LucideIcon; readonly tone: '' | 'wait' | 'no' };

const ICON_OF_ACTION: Readonly<Partial<Record<AuditAction, ActionIcon>>> = {
  'access.approved': { icon: Check, tone: '' },
  'access.denied': { icon: X, tone: 'no' },
  'access.assigned': { icon: Check, tone: '' },
  'change.signed': { icon: KeyRound, tone: '' },
  'change.approved': { icon: Check, tone: '' },
  'change.refused': { icon: X, tone: 'no' },
  'access.requested': { icon: Send, tone: '' },
  'access.read': { icon: Eye, tone: '' },
  'content.refused': { icon: X, tone: 'no' },
  'sign_in.refused': { icon: X, tone: 'no' },
  'grant.revoked': { icon: Square, tone: 'wait' },
  'batch.withdrawn': { icon: Square, tone: 'wait' },
  'api_key.revoked': { icon: Square, tone: 'wait' },
  'person.off': { icon: Square, tone: 'wait' },
  'tenant.suspended': { icon: Square, tone: 'wait' },
  'recording.quarantined': { icon: Square, tone: 'wait' },
  'recording.erasing': { icon: Trash2, tone: 'no' },
  'expiry.braked': { icon: Square, tone: 'no' },
  'expiry.paused': { icon: Square, tone: 'wait' },
  'recording.erased': { icon: Trash2, tone: 'no' },
  'people.read': { icon: Eye, tone: '' },
  'api_key.read': { icon: Eye, tone: '' },
  'key.read': { icon: Eye, tone: '' },
  'session.read': { icon: Eye, tone: '' },
  'comment.read': { icon: Eye, tone: '' },
  'activity.read': { icon: Eye, tone: '' },
};

const ICON_OF_AREA: Readonly<Record<EventArea, LucideIcon>> = {
  session: Headphones,
  access: Send,
  grant: Check,
  batch: Send,
  recording: FileAudio,
  deposit: Upload,
  amendment: FileAudio,
  tombstone: Trash2,
  expiry: Trash2,
  retention: CalendarClock,
  catalogue: Eye,
  log: Eye,
  exposure: ScanEye,
  key: KeyRound,
  signer: KeyRound,
  api_key: KeyRound,
  passkey: KeyRound,
  proof: KeyRound,
  tenant: Building2,
  person: UserRound,
  service: UserRound,
  operator: UserRound,
  team: UserRound,
  sign_in: LogIn,
  comment: MessageSquare,
  change: FilePen,
  people: Eye,
  ...{
    activity: Eye,
    search: ScanEye,
    content: ScanEye,
    authority: ScanEye,
    policy: ScanEye,
    vault: ScanEye,
    doctor: ScanEye,
  },
};

/** Icon of an action; null for an event that cannot be read. */
export function actionIconOf(action: string | null): ActionIcon {
  if (action === null || !isAuditAction(action)) return { icon: ScanEye, tone: '' };
  return ICON_OF_ACTION[action] ?? { icon: ICON_OF_AREA[areaOf(action)], tone: '' };
}
