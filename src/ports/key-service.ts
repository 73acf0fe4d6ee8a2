// What the vault needs of a key service: data keys wrapped under a tenant's key, with an encryption context.
import type { KeyContext } from '../envelope/key-context.ts';
import type { SecretKey } from '../envelope/secret-key.ts';
import type { KeyReference } from '../model/tenant.ts';
import type { KeyProvider } from './key-provider.ts';
import type { Wait } from './object-store.ts';

/**
 * What a key service says of a key. `missing`: never there, or deleted. Only an `enabled` key wraps and unwraps; for
 * `creating`, `updating` and `unavailable` this may pass without anybody's doing. A key that is `enabled` here may
 * still be refused by its policy: only using it tells.
 */
export type KeyState =
  | 'enabled'
  | 'disabled'
  | 'pending-deletion'
  | 'pending-replica-deletion'
  | 'pending-import'
  | 'creating'
  | 'updating'
  | 'unavailable'
  | 'missing';

/** A data key as it is kept, and the key that wrapped it: never an alias. */
export type WrappedBytes = { readonly id: string; readonly wrapped: Uint8Array };

/** A wrapped key, and the key of the service that wrapped it. */
export type ServiceWrapped = KeyReference & { readonly wrapped: Uint8Array };

/**
 * All methods throw `key_refused` where the service said no for good (unknown, disabled or deleted key, another
 * context, another key's or damaged wrapped key, denied action, a reference of another scheme or form), and
 * `key_service_unavailable` for what may pass: no answer in time, throttling, a failure of the service, credentials
 * that the service does not know, a signal that fired. The error is `throttled` where the service answered that it is
 * asked too often.
 */
export type KeyService = {
  readonly provider: KeyProvider;
  /** The tenant's key of this generation: 1 for its first. Called again for the same one, it returns the key it made before. */
  readonly createKey: (tenant: string, generation: number, wait: Wait) => Promise<KeyReference>;
  /** New material in the same key: what is wrapped from now on is wrapped under it, what was wrapped before still opens. It also turns on yearly rotation where the service has it. */
  readonly rotate: (key: KeyReference, wait: Wait) => Promise<void>;
  /** The name by which people find the tenant's key leads to this one from now on. Nothing of ours goes by that name. */
  readonly nameKey: (tenant: string, key: KeyReference, wait: Wait) => Promise<void>;
  /** What state the key is in. Throws `key_refused` where asking is denied, which says nothing of the key itself. */
  readonly describe: (key: KeyReference, wait: Wait) => Promise<KeyState>;
  /** A new data key and how it is kept. */
  readonly generateDataKey: (
    key: KeyReference,
    context: KeyContext,
    wait: Wait,
  ) => Promise<WrappedBytes & { readonly dataKey: SecretKey }>;
  /** The data key of a wrapped one; the key's id is always named. */
  readonly unwrap: (key: ServiceWrapped, context: KeyContext, wait: Wait) => Promise<SecretKey>;
  /** A data key that came from elsewhere, wrapped: it is lent for this one call. */
  readonly wrap: (key: KeyReference, dataKey: SecretKey, context: KeyContext, wait: Wait) => Promise<WrappedBytes>;
  /**
   * The same data key wrapped under another key, another context, or both; where `provider.rewrapsInside`, it is in clear
   * in the key service alone.
   * Throws `key_refused` for either key as above, and for two keys that `provider.isOneService` parts: those are unwrapped
   * here and wrapped there. It is for bulk work: where the service is asked too often that
   * is told at once, and whoever calls is to slow down.
   */
  readonly rewrap: (
    key: ServiceWrapped,
    from: KeyContext,
    to: { readonly key: KeyReference; readonly context: KeyContext },
    wait: Wait,
  ) => Promise<WrappedBytes>;
  /** Ends what it holds open. Nothing is asked of it after that. */
  readonly close: () => Promise<void>;
};

/** How a provider's keys are opened, by its part of the configuration. */
export type KeyOpener<Settings> = {
  /** Throws `config_invalid` for what can be said without asking the service. */
  readonly open: (settings: Settings) => Promise<KeyService>;
  /** The same, creating nothing. Throws `key_service_unavailable` where there is nothing yet. */
  readonly openExisting: (settings: Settings) => Promise<KeyService>;
};
