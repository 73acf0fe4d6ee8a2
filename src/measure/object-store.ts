// The object store, measured.
import type { Registry } from 'prom-client';
import type { ObjectStore } from '../ports/object-store.ts';
import { type CodeOf, callMetrics, measured } from './calls.ts';

/** The same store; `callvault_store_*` tells of its calls. */
export function measuredStore(store: ObjectStore, registry: Registry, codeOf: CodeOf): ObjectStore {
  return measured(store, callMetrics(registry, 'store', codeOf));
}
