import { z } from 'zod';
import { CapabilityRegistration } from './hub-api.js';

/** A path on the hub, below its address. */
const HubPath = z.string().regex(/^\/[^\s?#]*$/, 'must be a path that begins with "/", without query');

/** A fact's place in an object: the names that lead to it, with dots in between. */
const Place = z
  .string()
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'must be names with single dots in between, such as "metadata.port"');

/** Where a fact may stand in an entry; the first place that holds something counts. */
const Places = z.array(Place).min(1);

/** Names of the fields of our own registration. */
const RegistrationField = CapabilityRegistration.keyof();

/**
 * How another State Hub (a Custodian) lays out its catalog: `hub.catalog` of machine.yml, and of the agent's
 * configuration.
 *
 * **Assumption, not verified.** The source of the Custodian State Hub is not public. Known is only that
 * `GET /capability-catalog/?capability_type=haskell-build-agent` on port 8000 lists agents, and that agents register at
 * that service when they boot, with 20 retries. Everything else here is a guess with a name, so that a guess that is
 * wrong is mended by configuration and not by code.
 */
export const CatalogMapping = z.strictObject({
  listPath: HubPath.default('/capability-catalog/').describe('Path that lists machines by GET.'),
  registerPath: HubPath.default('/capability-catalog/').describe('Path that takes a registration by POST.'),
  typeParameter: z
    .string()
    .min(1)
    .default('capability_type')
    .describe('Query parameter that filters by capability type.'),
  collection: Places.default(['items', 'results', 'entries', 'capabilities', 'data']).describe(
    'Where the list stands in an answer that is not itself a list.',
  ),
  fields: z
    .strictObject({
      type: Places.default(['capability_type', 'type']).describe('Of another type: left out. Absent: taken.'),
      name: Places.default(['name', 'hostname', 'id']).describe('As in machine.yml.'),
      machineId: Places.default(['machine_id', 'metadata.machine_id', 'id']),
      tunnelPort: Places.default(['tunnel_port', 'metadata.tunnel_port', 'port', 'metadata.port']),
      toolchains: Places.default(['toolchains', 'metadata.toolchains', 'capabilities.toolchains']).describe(
        'Objects with `tool` and `version`, texts such as `ghc-9.6.6`, or versions by tool.',
      ),
      labels: Places.default(['labels', 'metadata.labels', 'tags']),
      state: Places.default(['state', 'status']).describe(
        '`ready`, `stale` or `gone`; all else counts as unknown, and is tried.',
      ),
      slots: Places.default(['slots', 'metadata.slots']),
    })
    .prefault({})
    .describe('Where each fact stands in an entry: places to look at in turn, with dots for objects in objects.'),
  send: z
    .partialRecord(RegistrationField, Place)
    .default({})
    .describe(
      'Registration: our field to its place there, such as `tunnel_port: metadata.port`. Fields not named are sent as they are.',
    ),
});
export type CatalogMappingInput = z.input<typeof CatalogMapping>;
export type CatalogMapping = z.output<typeof CatalogMapping>;

/** A registration as the hub of a mapping wants it. */
export function mappedRegistration(
  registration: CapabilityRegistration,
  { send }: Pick<CatalogMapping, 'send'>,
): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const field of RegistrationField.options) {
    const steps = (send[field] ?? field).split('.');
    const last = steps.pop() ?? field;
    let into = sent;
    for (const step of steps) {
      const next = Object.hasOwn(into, step) ? into[step] : undefined;
      into = isRecord(next) ? next : (into[step] = {} as Record<string, unknown>);
    }
    into[last] = registration[field];
  }
  return sent;
}

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

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
