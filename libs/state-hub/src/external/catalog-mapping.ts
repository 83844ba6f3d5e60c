import { z } from 'zod';

/** Where a fact stands in an entry: names to try, each a dotted path. */
const Places = z.array(z.string().min(1)).min(1);

/**
 * How another State Hub (a Custodian) lays out its catalog.
 *
 * **Assumption, not verified.** The source of the Custodian State Hub is not public. Known is only that
 * `GET /capability-catalog/?capability_type=haskell-build-agent` on port 8000 lists agents, and that agents register at
 * that service when they boot, with 20 retries. Everything else here is a guess with a name, so that a guess that is
 * wrong is mended by configuration and not by code.
 */
export const CatalogMapping = z.object({
  listPath: z.string().startsWith('/').default('/capability-catalog/'),
  registerPath: z.string().startsWith('/').default('/capability-catalog/'),
  typeParameter: z.string().default('capability_type').describe('Query parameter that filters by capability type.'),
  collection: Places.default(['items', 'results', 'entries', 'capabilities', 'data']).describe(
    'Where the list stands in an answer that is not itself a list.',
  ),
  fields: z
    .object({
      type: Places.default(['capability_type', 'type']),
      name: Places.default(['name', 'hostname', 'id']),
      machineId: Places.default(['machine_id', 'metadata.machine_id', 'id']),
      tunnelPort: Places.default(['tunnel_port', 'metadata.tunnel_port', 'port', 'metadata.port']),
      toolchains: Places.default(['toolchains', 'metadata.toolchains', 'capabilities.toolchains']),
      labels: Places.default(['labels', 'metadata.labels', 'tags']),
      state: Places.default(['state', 'status']),
      slots: Places.default(['slots', 'metadata.slots']),
    })
    .prefault({}),
  send: z
    .record(z.string(), z.string())
    .default({})
    .describe('Registration: our field name to theirs, where theirs differs. Fields not named are sent as they are.'),
});
export type CatalogMappingInput = z.input<typeof CatalogMapping>;
export type CatalogMapping = z.output<typeof CatalogMapping>;

/** The first of the places where an object has something other than null. */
export function valueAt(object: unknown, places: readonly string[]): unknown {
  for (const place of places) {
    let value: unknown = object;
    for (const step of place.split('.')) {
      value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    }
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
