import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MachineEntry } from '../api/catalog.js';
import type { CacheStatistics } from '../api/runs.js';

/** Where the numbers come from when they are asked for. */
export interface MetricSources {
  machines: () => readonly MachineEntry[];
  queue: () => { leases: number; waiting: number; oldestWaitSeconds: number };
  cache: () => CacheStatistics;
}

/** `/metrics` in the text format of Prometheus. Machines' names are labels; nothing of users or builds is. */
export function installMetrics(app: FastifyInstance, sources: MetricSources): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'hub_' });
  const registers = [registry];
  const requests = new Histogram({
    name: 'hub_request_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  gauge('hub_machines', 'Machines by state and mode.', ['state', 'mode'], (metric) => {
    metric.reset();
    for (const { state, mode } of sources.machines()) metric.inc({ state, mode });
  });
  gauge('hub_machine_slots', 'Slots of each machine.', ['machine'], (metric) => {
    metric.reset();
    for (const { name, slots } of sources.machines()) metric.set({ machine: name }, slots);
  });
  gauge('hub_machine_slots_leased', 'Leased slots of each machine.', ['machine'], (metric) => {
    metric.reset();
    for (const { name, slots_leased } of sources.machines()) metric.set({ machine: name }, slots_leased);
  });
  gauge('hub_leases', 'Live leases.', [], (metric) => {
    metric.set(sources.queue().leases);
  });
  gauge('hub_lease_requests_waiting', 'Lease requests that wait.', [], (metric) => {
    metric.set(sources.queue().waiting);
  });
  gauge('hub_lease_oldest_wait_seconds', 'How long the oldest request has waited.', [], (metric) => {
    metric.set(sources.queue().oldestWaitSeconds);
  });
  gauge('hub_cache_bytes', 'Bytes in the remote cache.', [], (metric) => {
    metric.set(sources.cache().bytes);
  });
  gauge('hub_cache_entries', 'Records in the remote cache.', [], (metric) => {
    metric.set(sources.cache().entries);
  });
  const cacheRequests = new Counter({
    name: 'hub_cache_requests_total',
    help: 'Requests to the remote cache by result.',
    labelNames: ['method', 'status'],
    registers,
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = String(reply.statusCode);
    requests.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    if (route === '/v1/cache/:hash') cacheRequests.inc({ method: request.method, status });
    done();
  });
  app.get(
    '/metrics',
    { config: { access: 'catalog' }, schema: { tags: ['operations'], summary: 'Metrics for Prometheus' } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );

  function gauge(name: string, help: string, labelNames: string[], collect: (metric: Gauge) => void): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        collect(this);
      },
    });
  }
}
