import { z } from 'zod';
import { CatalogMapping } from './catalog-mapping.js';
import { ExactVersion } from './toolchain.js';

/** A machine's name: also an Nx project name, a host name and an ssh alias. */
export const MachineName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'must be 2 to 63 lower-case letters, digits and dashes, starting with a letter',
  );

export const Provider = z.enum(['sandbox', 'qemu', 'virtualbox', 'ssh']);
export type Provider = z.infer<typeof Provider>;

const Relay = z.strictObject({
  kind: z
    .enum(['embedded', 'system'])
    .default('embedded')
    .describe(
      'embedded: an unprivileged sshd that we start and own; system: the sshd of this workstation, which must have "AllowStreamLocalForwarding local" (or no) for your account.',
    ),
  host: z
    .string()
    .optional()
    .describe(
      "Address under which the machine reaches the workstation (SSH_RELAY_HOST); for VMs the workstation's LAN address.",
    ),
  port: z
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('Port of the relay; default: services.relay of port-registry.yml, 22 for system.'),
  user: z.string().optional().describe('Account on the relay; default: the user who brings the machine up.'),
});

const Hub = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be the address of a hub, such as http://localhost:8001' })
    .optional()
    .describe('An existing State Hub, as seen from the workstation; default: the embedded one.'),
  catalog: CatalogMapping.optional().describe(
    "How that hub lays out its catalog, where it is none of build-machines'. What is assumed of it is not verified.",
  ),
});

const Toolchains = z.strictObject({
  ghc: z
    .array(ExactVersion)
    .default([])
    .describe('Exact GHC versions; the first is the default. Empty: whatever the machine has.'),
  cabal: ExactVersion.optional(),
  stack: ExactVersion.optional(),
  hls: ExactVersion.optional(),
});

const Resources = z.strictObject({
  cpus: z.number().int().min(1).max(256).default(4),
  memoryMiB: z.number().int().min(512).default(8192).describe('Memory in MiB.'),
  diskGiB: z.number().int().min(4).default(64).describe('Disk in GiB.'),
});

const Network = z.strictObject({
  mode: z.enum(['bridged', 'nat']).default('bridged'),
  interface: z.string().optional().describe('Interface of the VM host to bridge to.'),
});

/** `machines/<name>/machine.yml`. Unknown keys are errors, so that a typing mistake never passes for a default. */
export const MachineDefinition = z.strictObject({
  name: MachineName,
  provider: Provider,
  relay: Relay.prefault({}),
  hub: Hub.prefault({}),
  toolchains: Toolchains.prefault({}),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/))
    .default([])
    .describe('Extra Debian/Ubuntu packages in the image.'),
  labels: z.record(z.string().regex(/^[a-z0-9][a-z0-9._/-]*$/), z.string()).default({}),
  slots: z.number().int().min(1).max(64).default(1).describe('Runs at a time.'),
  resources: Resources.prefault({}),
  network: Network.prefault({}),
  host: z
    .string()
    .optional()
    .describe(
      'provider ssh: [user@]host[:port] of the host that is already there; an alias of your ssh configuration will do.',
    ),
  tunnel: z
    .boolean()
    .default(true)
    .describe('provider ssh: false reaches the host directly, without a reverse tunnel.'),
  sudo: z
    .boolean()
    .default(false)
    .describe(
      'provider ssh: true installs system-wide services, and packages that are missing, with sudo, which must not ask for a password there. Default: services of the account, nothing as root.',
    ),
  hypervisor: z.string().optional().describe('virtualbox: user@host of another computer that runs VBoxManage.'),
  image: z
    .string()
    .optional()
    .describe('virtualbox, qemu: image to import; default: the newest that packer-build made.'),
});
export type MachineDefinition = z.infer<typeof MachineDefinition>;
