// Metrics of a process: one registry, and a decorator per measured port.
import { Counter, Registry } from 'prom-client';
import type { Database } from '../ports/database.ts';
import type { KeyService } from '../ports/key-service.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type CodeOf, callMetrics, measured } from './calls.ts';
import { measuredDatabase } from './database.ts';
import { type RequestMeasures, requestMeasures } from './requests.ts';

/** The same store, with `callvault_store_*` metrics. */
export function measuredStore(store: ObjectStore, registry: Registry, codeOf: CodeOf): ObjectStore {
  return measured(store, callMetrics(registry, 'store', codeOf));
}

/** The same key service, with `callvault_key_service_*` metrics. */
export function measuredKeys(keys: KeyService, registry: Registry, codeOf: CodeOf): KeyService {
  return measured(keys, callMetrics(registry, 'key_service', codeOf));
}

export type Measures = {
  readonly registry: Registry;
  readonly store: (store: ObjectStore) => ObjectStore;
  readonly keys: (keys: KeyService) => KeyService;
  readonly database: (database: Database) => Database;
  /** Counts a log whose head had another time than its newest event. */
  readonly markSet: () => void;
  /** Call it once; `sessions` counts the listening sessions that hold keys in this process. */
  readonly requests: (sessions: () => number) => RequestMeasures;
};

/** Creates measures with a new registry. */
export function createMeasures(codeOf: CodeOf): Measures {
  const registry = new Registry();
  const marks = new Counter({
    name: 'callvault_log_times_set_right_total',
    help: 'Heads of logs whose time was not that of the newest event, and was set right',
    registers: [registry],
  });
  return {
    registry,
    store: (store) => measuredStore(store, registry, codeOf),
    keys: (keys) => measuredKeys(keys, registry, codeOf),
    database: (database) => measuredDatabase(database, registry, codeOf),
    markSet: () => marks.inc(),
    requests: (sessions) => requestMeasures(registry, codeOf, sessions),
  };
}
