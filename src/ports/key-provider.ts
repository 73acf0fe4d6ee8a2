// What a key provider says of itself and its keys' names. Only its steps ask the service.
import type { KeyReference } from '../model/tenant.ts';
import type { Wait } from './object-store.ts';

/** What calls to the service may be and cost. */
export type CallCosts = {
  /** The service, as its bill or its label names it. */
  readonly service: string;
  /** Calls a second that it takes from one deployment, unless an operator says otherwise. */
  readonly quota: number;
  /** US dollars a call. */
  readonly dollars: number;
};

/** Something that `doctor` checks of the service itself. `run` throws what is in the way. */
export type ProviderStep = {
  readonly name: string;
  readonly run: (wait: Wait) => Promise<string | { readonly warning: string }>;
};

export type KeyProvider = {
  /** The service and where it is, for people; no secret. */
  readonly title: string;
  /** Null where keys are wrapped in this process and no service is called. */
  readonly calls: CallCosts | null;
  /** Whether all keys are the deployment's own: none that is missing was deleted by a customer, the service lost it. */
  readonly ownsKeys: boolean;
  /** Whether `rewrap` shows the data key to nothing outside the service. */
  readonly rewrapsInside: boolean;
  /** The key that an operator names. Throws `malformed` for another form, with the form that it must have. */
  readonly parseKey: (text: string) => KeyReference;
  /** Whether two ids name one key: a customer may not bring the key of another tenant. */
  readonly isSameKey: (one: string, other: string) => boolean;
  /** Whether `rewrap` can move a data key between them in one call. */
  readonly isOneService: (one: KeyReference, other: KeyReference) => boolean;
  /** In order: later ones use what earlier ones left. */
  readonly steps: readonly ProviderStep[];
};
