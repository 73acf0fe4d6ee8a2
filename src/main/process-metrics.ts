// What Node tells of the process itself: time, memory, event loop, garbage collection.
import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Gauges that prom-client names as counters are; each is the sum of another one by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Adds the process's metrics to a registry. */
export function measureProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
