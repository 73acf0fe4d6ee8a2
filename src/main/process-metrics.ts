// Metrics of the process: version, time, memory, event loop, garbage collection.
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Gauges that prom-client names like counters; each is the sum of another one by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Adds the process's metrics to a registry. */
export function measureProcess(registry: Registry, version: string): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const info = { name: 'callvault_build_info', help: 'Always 1, with the version that runs', labelNames: ['version'] };
  new Gauge({ ...info, registers: [registry] }).set({ version }, 1);
}
