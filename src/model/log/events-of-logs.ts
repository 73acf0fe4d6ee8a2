// Events about the logs themselves: reading, sealing, the keys that sign.
import type { EventSpec } from './event-spec.ts';
import { BY_CHANGE } from './events-of-changes.ts';

export const LOG_EVENTS = {
  'log.read': { log: 'own', subject: 'log', counted: 300 },
  // Precedes the first seal. `size`: events before it; nothing proves when they were written. `url`: where passkeys belong.
  'log.adopted': { log: 'own', subject: 'log', members: { size: 'number', 'url?': 'name', 'rules?': 'number' } },
  // The first and last event that came back from segments; `to` is below `from` where none did. `lost`: the size of a
  // published checkpoint whose last events are lost.
  'log.restored': {
    log: 'both',
    subject: 'log',
    members: { from: 'number', to: 'number', 'lost?': 'number', ...BY_CHANGE },
  },
  // A wrong clock, put right: the log's newest event was from `from`, and the clock says `to`. It alone may be earlier than the
  // event before it. In the deployment's log, about a tenant's log: it was decided that this is done.
  'clock.corrected': { log: 'both', subject: 'log', members: { from: 'time', to: 'time', ...BY_CHANGE } },
  // A node's clock says `to`, long after `from`, the newest time that a trusted process recorded: and it is right.
  'clock.confirmed': { log: 'deployment', subject: 'node', members: { from: 'time', to: 'time', ...BY_CHANGE } },
  // `key`: 0x01 and the 32 bytes of an Ed25519 key.
  'signer.added': { log: 'own', subject: 'log', members: { key: 'base64' } },
} as const satisfies Record<string, EventSpec>;
