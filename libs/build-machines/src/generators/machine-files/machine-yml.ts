import type { MachineDefinition, Provider } from '@build-machines/protocol';
import { stringify } from 'yaml';
import { withInstalledCommands } from '../../reporting/installed-commands.js';

/** What each provider is, for the comment beside the key. */
const providerMeaning: Record<Provider, string> = {
  virtualbox: 'a VirtualBox virtual machine',
  qemu: 'a QEMU virtual machine',
  ssh: 'a Linux host that is already there',
  sandbox: 'this very computer, with a real sshd, tunnel and agent',
};

/**
 * The text of a machine.yml: only what differs from a default or is likely to be changed, each with the comment that
 * its editor needs. Reading it back gives the definition again.
 */
export function renderMachineYml(machine: MachineDefinition): string {
  return [
    withInstalledCommands(
      '# yaml-language-server: $schema=../../node_modules/build-machines/schemas/machine.schema.json',
    ),
    withInstalledCommands(
      `# Build machine "${machine.name}". What each key means: node_modules/build-machines/docs/reference/machine-yml.md`,
    ),
    `name: ${machine.name}`,
    `provider: ${machine.provider} # ${providerMeaning[machine.provider]}`,
    ...hostLines(machine),
    ...relayLines(machine),
    ...toolchainLines(machine),
    ...labelLines(machine),
    ...hardwareLines(machine),
    '',
  ].join('\n');
}

function hostLines({ provider, host, tunnel, sudo, hypervisor, image }: MachineDefinition): string[] {
  return [
    ...optional('host', host),
    ...(provider === 'ssh' && !tunnel ? ['tunnel: false # reached directly, without a reverse tunnel'] : []),
    ...(sudo ? ['sudo: true # services and missing packages are installed for the whole host'] : []),
    ...optional('hypervisor', hypervisor, 'where VBoxManage runs'),
    ...optional('image', image),
  ];
}

function relayLines({ relay, hub, provider }: MachineDefinition): string[] {
  const keys = [
    ...(relay.kind === 'embedded' ? [] : ["  kind: system # this workstation's own sshd"]),
    ...optional('  host', relay.host, 'this workstation, as the machine sees it'),
    ...optional('  port', relay.port),
    ...optional('  user', relay.user),
  ];
  const block =
    keys.length === 0 || provider === 'sandbox'
      ? []
      : ['', "# The SSH server that the machine's tunnel connects out to.", 'relay:', ...keys];
  return hub.url === undefined ? block : [...block, '', 'hub:', `  url: ${scalar(hub.url)}`];
}

function toolchainLines({ name, toolchains, packages, provider }: MachineDefinition): string[] {
  const { ghc, cabal, stack, hls } = toolchains;
  const keys = [
    ...(ghc.length === 0 ? [] : [`  ghc: [${ghc.map(quoted).join(', ')}]`]),
    ...[...Object.entries({ cabal, stack, hls })].flatMap(([tool, version]) =>
      version === undefined ? [] : [`  ${tool}: ${quoted(version)}`],
    ),
  ];
  const virtual = provider === 'virtualbox' || provider === 'qemu';
  const lines =
    keys.length === 0
      ? []
      : [
          '',
          '# Exact versions; the first GHC is the default. One more without a new image:',
          `# nx run ${name}:ghc-install 9.10.1`,
          'toolchains:',
          ...keys,
        ];
  if (packages.length > 0) return [...lines, '', 'packages:', ...packages.map((item) => `  - ${scalar(item)}`)];
  return virtual ? [...lines, '', '# Further Ubuntu packages in the image, such as libpq-dev.', 'packages: []'] : lines;
}

function labelLines({ labels, slots }: MachineDefinition): string[] {
  const entries = Object.entries(labels);
  return [
    ...(entries.length === 0
      ? []
      : [
          '',
          '# By these a target can ask for a machine.',
          'labels:',
          ...entries.map(([key, value]) => `  ${scalar(key)}: ${quoted(value)}`),
        ]),
    '',
    `slots: ${slots} # runs at a time`,
  ];
}

function hardwareLines({ provider, resources, network }: MachineDefinition): string[] {
  if (provider !== 'virtualbox' && provider !== 'qemu') return [];
  return [
    '',
    'resources:',
    `  cpus: ${resources.cpus}`,
    `  memoryMiB: ${resources.memoryMiB} # GHC wants about 2048 per parallel job`,
    `  diskGiB: ${resources.diskGiB}`,
    '',
    'network:',
    `  mode: ${network.mode}`,
    ...optional('  interface', network.interface, 'of the VM host'),
  ];
}

function optional(key: string, value: string | number | undefined, comment?: string): string[] {
  if (value === undefined) return [];
  return [`${key}: ${scalar(value)}${comment === undefined ? '' : ` # ${comment}`}`];
}

/** A YAML scalar, quoted where a plain one would read as something else. */
function scalar(value: string | number): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

/** A quoted string: unquoted, 9.10 would be the number 9.1. */
function quoted(value: string): string {
  return JSON.stringify(value);
}
