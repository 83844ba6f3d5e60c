import { MachineDefinition } from '@build-machines/protocol';
import { MachineOptionsInvalidError } from '../machine-files/errors.js';
import type { VmGeneratorSchema } from './schema.js';

/**
 * The machine that complete options amount to, checked as machine.yml will be.
 * @throws MachineOptionsInvalidError that lists every problem.
 */
export function defineMachine(options: VmGeneratorSchema): MachineDefinition {
  const parsed = MachineDefinition.safeParse({
    name: options.name,
    provider: options.provider,
    relay: { kind: options.relay, host: options.relayHost },
    hub: { url: options.hubUrl },
    toolchains: { ghc: options.ghc, cabal: options.cabal, stack: options.stack, hls: options.hls },
    packages: options.packages,
    labels: Object.fromEntries((options.labels ?? []).map(label)),
    slots: options.slots,
    resources: { cpus: options.cpus, memoryMiB: options.memory, diskGiB: options.disk },
    network: { mode: options.network, interface: options.bridgedInterface },
    host: options.host,
    tunnel: options.tunnel,
    sudo: options.sudo,
    hypervisor: options.hypervisor,
    image: options.image,
  });
  if (parsed.success) return parsed.data;
  throw new MachineOptionsInvalidError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
}

/** Splits `key=value` at the first `=`: a value may hold more of them. */
function label(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
