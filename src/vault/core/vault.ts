// The vault: everything that a use case may need. A use case's first parameter picks its part.
import type { StoreLocation } from '../../model/tenant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { KeyService } from '../../ports/key-service.ts';
import type { MediaProbes } from '../../ports/media-probe.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { Passkeys } from '../../ports/passkeys.ts';
import type { PhoneNumbers } from '../../ports/phone-numbers.ts';
import type { Signer } from '../../ports/signer.ts';
import type { LogProofs } from './events/log-proofs.ts';
import type { ChallengeKey } from './keys-in-memory/challenge-key.ts';
import type { IngestKeys } from './keys-in-memory/ingest-keys.ts';
import type { MetadataKeys } from './keys-in-memory/metadata-keys.ts';
import type { SessionKeys } from './keys-in-memory/session-keys.ts';
import type { TenantKeks } from './keys-in-memory/tenant-keks.ts';
import type { MediaBudgets } from './media-budget.ts';
import type { ReplayGate } from './replay-gate.ts';
import type { Settings } from './request-context.ts';
import type { BoundSources } from './sources/source-binding.ts';
import type { ProcessClock } from './time/process-clock.ts';

export type Vault = {
  readonly db: Database;
  readonly store: ObjectStore;
  /** Where checkpoints of the logs are kept outside the store; null where none is configured. */
  readonly anchor: { readonly store: ObjectStore; readonly location: StoreLocation } | null;
  /** Signs the logs, and reports; null where no key is configured. */
  readonly signer: Signer | null;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly processClock: ProcessClock;
  readonly probes: MediaProbes;
  readonly phones: PhoneNumbers;
  readonly settings: Settings;
  readonly metadataKeys: MetadataKeys;
  readonly boundSources: BoundSources;
  readonly replayGate: ReplayGate;
  readonly tenantKeks: TenantKeks;
  readonly ingestKeys: IngestKeys;
  readonly sessionKeys: SessionKeys;
  readonly logProofs: LogProofs;
  readonly mediaBudgets: MediaBudgets;
  readonly challengeKey: ChallengeKey;
  /** Null where CALLVAULT_URL is not set. */
  readonly passkeys: Passkeys | null;
};
