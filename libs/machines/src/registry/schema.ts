import { MachineName } from '@build-machines/protocol';
import { z } from 'zod';

const Port = z.number().int().min(1).max(65535);

/** `port-registry.yml`, at the root of the workspace. Ports are on the workstation's loopback interface. */
export const PortRegistry = z.strictObject({
  range: z.strictObject({
    first: Port.describe("First port for machines' reverse tunnels."),
    last: Port.describe('Last port, included.'),
  }),
  services: z.strictObject({
    relay: Port.describe('The embedded relay, which machines connect out to.'),
    hub: Port.describe('The State Hub.'),
  }),
  machines: z
    .record(MachineName, Port)
    .nullish()
    .transform((machines) => machines ?? {}),
});
export type PortRegistry = z.output<typeof PortRegistry>;

/** Name of the registry's file in the workspace root. */
export const PORT_REGISTRY_FILE = 'port-registry.yml';
