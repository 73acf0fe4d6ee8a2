// The key service, measured.
import type { Registry } from 'prom-client';
import type { KeyService } from '../ports/key-service.ts';
import { type CodeOf, callMetrics, measured } from './calls.ts';

/** The same key service; `callvault_key_service_*` tells of its calls. */
export function measuredKeys(keys: KeyService, registry: Registry, codeOf: CodeOf): KeyService {
  return measured(keys, callMetrics(registry, 'key_service', codeOf));
}
