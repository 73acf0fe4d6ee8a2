// All that is measured of a process: one registry, and a decorator for each port that is measured.
import { Registry } from 'prom-client';
import type { Database } from '../ports/database.ts';
import type { KeyService } from '../ports/key-service.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type CodeOf, callMetrics, measured } from './calls.ts';
import { measuredDatabase } from './database.ts';
import { type RequestMeasures, requestMeasures } from './requests.ts';

/** The same store; `callvault_store_*` tells of its calls. */
export function measuredStore(store: ObjectStore, registry: Registry, codeOf: CodeOf): ObjectStore {
  return measured(store, callMetrics(registry, 'store', codeOf));
}

/** The same key service; `callvault_key_service_*` tells of its calls. */
export function measuredKeys(keys: KeyService, registry: Registry, codeOf: CodeOf): KeyService {
  return measured(keys, callMetrics(registry, 'key_service', codeOf));
}

export type Measures = {
  readonly registry: Registry;
  readonly store: (store: ObjectStore) => ObjectStore;
  readonly keys: (keys: KeyService) => KeyService;
  readonly database: (database: Database) => Database;
  /** To be called once; `sessions` counts the listening sessions that hold keys here. */
  readonly requests: (sessions: () => number) => RequestMeasures;
};

/** Measures with a registry of their own. */
export function createMeasures(codeOf: CodeOf): Measures {
  const registry = new Registry();
  return {
    registry,
    store: (store) => measuredStore(store, registry, codeOf),
    keys: (keys) => measuredKeys(keys, registry, codeOf),
    database: (database) => measuredDatabase(database, registry, codeOf),
    requests: (sessions) => requestMeasures(registry, codeOf, sessions),
  };
}
