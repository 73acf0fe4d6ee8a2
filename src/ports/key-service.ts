// Port: the key service. Data keys wrapped under a tenant's key, with an encryption context.
import type { KeyContext } from '../envelope/key-context.ts';
import type { SecretKey } from '../envelope/secret-key.ts';
import type { KeyReference } from '../model/tenant.ts';
import type { KeyProvider } from './key-provider.ts';
import type { Wait } from './object-store.ts';

/**
 * The state of a key. `missing`: never created, or deleted. Only an `enabled` key wraps and unwraps; `creating`,
 * `updating` and `unavailable` may pass without intervention. A policy may still deny the use of an `enabled` key:
 * only using it shows.
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

/** A wrapped data key, and the key that wrapped it: never an alias. */
export type WrappedBytes = { readonly id: string; readonly wrapped: Uint8Array };

/** A wrapped key, and the service's key that wrapped it. */
export type ServiceWrapped = KeyReference & { readonly wrapped: Uint8Array };

/**
 * All methods throw `key_refused` where the service rejects the call for good (unknown, disabled or deleted key, another
 * context, a wrapped key that is damaged or another key's, denied action, a reference of another scheme or form), and
 * `key_service_unavailable` for conditions that may pass: no answer in time, throttling, a failure of the service,
 * credentials that the service does not know, a signal that fired. The error is `throttled` where the service answers
 * that calls are too frequent.
 */
export type KeyService = {
  readonly provider: KeyProvider;
  /** Creates the tenant's key of this generation (1 is the first). Calling it again returns the same key. */
  readonly createKey: (tenant: string, generation: number, wait: Wait) => Promise<KeyReference>;
  /** Rotates the key's material: new wraps use the new material, older wraps still open. Also enables yearly rotation where the service has it. */
  readonly rotate: (key: KeyReference, wait: Wait) => Promise<void>;
  /** Points the tenant's alias, a name for people, at this key. callvault itself never uses that name. */
  readonly nameKey: (tenant: string, key: KeyReference, wait: Wait) => Promise<void>;
  /** The state of the key. Throws `key_refused` where asking is denied, which says nothing of the key itself. */
  readonly describe: (key: KeyReference, wait: Wait) => Promise<KeyState>;
  /** Generates a data key and returns it with its wrapped form. */
  readonly generateDataKey: (
    key: KeyReference,
    context: KeyContext,
    wait: Wait,
  ) => Promise<WrappedBytes & { readonly dataKey: SecretKey }>;
  /** Unwraps a data key. The call always names the key's id. */
  readonly unwrap: (key: ServiceWrapped, context: KeyContext, wait: Wait) => Promise<SecretKey>;
  /** Wraps an existing data key, lent for this one call. */
  readonly wrap: (key: KeyReference, dataKey: SecretKey, context: KeyContext, wait: Wait) => Promise<WrappedBytes>;
  /**
   * Re-wraps a data key under another key, another context, or both; where `provider.rewrapsInside`, only
   * the key service sees it in clear. Throws
   * `key_refused` for either key as above, and for two keys that `provider.isOneService` separates:
   * the caller unwraps and wraps those itself. Made for bulk work: throttling is reported at once, and the caller must
   * slow down.
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
  /**
   * Throws `config_invalid` for what can be said without asking the service. `heard` is called with the time that a reply
   * of the service says, in milliseconds since 1970, where it says one.
   */
  readonly open: (settings: Settings, heard?: (time: number) => void) => Promise<KeyService>;
  /** The same, creating nothing. Throws `key_service_unavailable` where there is nothing yet. */
  readonly openExisting: (settings: Settings) => Promise<KeyService>;
};
