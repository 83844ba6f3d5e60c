import type { Provider } from '@build-machines/protocol';
import type { Asker } from '../asking/ask.js';
import type { LanInterface } from '../asking/network-suggestions.js';
import { imageToolchains } from '../machine-files/image-toolchains.js';
import { OptionForOtherProviderError, OptionNeededError } from '../machine-files/errors.js';
import type { VmGeneratorSchema } from './schema.js';

/** What is known of this computer, for suggestions. */
export interface Workstation {
  readonly cpus: number;
  readonly interfaces: readonly LanInterface[];
}

const virtual: readonly Provider[] = ['virtualbox', 'qemu'];

/** Options that have a meaning for some providers only. */
const onlyFor: Partial<Record<keyof VmGeneratorSchema, readonly Provider[]>> = {
  cpus: virtual,
  memory: virtual,
  disk: virtual,
  network: virtual,
  bridgedInterface: virtual,
  stack: virtual,
  hls: virtual,
  image: virtual,
  host: ['ssh'],
  tunnel: ['ssh'],
  sudo: ['ssh'],
  hypervisor: ['virtualbox'],
};

/**
 * The options with every gap filled: asked for where there is somebody to ask, otherwise the value that would have been
 * suggested.
 * @param asker absent when nobody may be asked.
 * @throws OptionForOtherProviderError, OptionNeededError.
 */
export async function completeOptions(
  options: VmGeneratorSchema,
  workstation: Workstation,
  asker: Asker | undefined,
): Promise<VmGeneratorSchema> {
  for (const [option, providers] of Object.entries(onlyFor))
    if (options[option as keyof VmGeneratorSchema] !== undefined && !providers.includes(options.provider))
      throw new OptionForOtherProviderError(option, options.provider, providers);
  switch (options.provider) {
    case 'sandbox':
      return options;
    case 'ssh':
      return completeHost(options, workstation, asker);
    case 'virtualbox':
    case 'qemu':
      return completeVirtual(options, workstation, asker);
  }
}

async function completeHost(
  options: VmGeneratorSchema,
  workstation: Workstation,
  asker: Asker | undefined,
): Promise<VmGeneratorSchema> {
  const host = options.host ?? (await asker?.text('Which host? [user@]host[:port]', ''));
  if (host === undefined || host === '')
    throw new OptionNeededError('host', 'an ssh machine is a host that is already there', 'user@host.example');
  if (options.tunnel === false) return { ...options, host };
  return { ...options, host, relayHost: await relayHost(options, workstation, asker) };
}

async function completeVirtual(
  options: VmGeneratorSchema,
  workstation: Workstation,
  asker: Asker | undefined,
): Promise<VmGeneratorSchema> {
  const number = async (given: number | undefined, question: string, suggestion: number): Promise<number> =>
    given ?? Number((await asker?.text(question, String(suggestion), notANumber)) ?? suggestion);
  const network = options.network ?? (options.provider === 'virtualbox' ? 'bridged' : 'nat');
  return {
    ...options,
    cpus: await number(options.cpus, 'How many virtual CPUs?', Math.max(2, Math.floor(workstation.cpus / 2))),
    memory: await number(options.memory, 'How much memory, in MiB?', 8192),
    disk: await number(options.disk, 'How large a disk, in GiB?', 64),
    ghc: options.ghc ?? (await compilers(asker)),
    cabal: options.cabal ?? imageToolchains.cabal,
    network,
    bridgedInterface: network === 'bridged' ? await bridgedInterface(options, workstation, asker) : undefined,
    relayHost: await relayHost(options, workstation, asker),
  };
}

async function compilers(asker: Asker | undefined): Promise<string[]> {
  const suggestion = imageToolchains.ghc.join(', ');
  const answer = (await asker?.text('Which GHC versions? The first is the default.', suggestion)) ?? suggestion;
  return answer.split(/[\s,]+/).filter((version) => version !== '');
}

/**
 * The interface to bridge to. Undefined where this computer has none to suggest, or the hypervisor is another computer:
 * vm-import then chooses among that computer's.
 */
async function bridgedInterface(
  options: VmGeneratorSchema,
  { interfaces }: Workstation,
  asker: Asker | undefined,
): Promise<string | undefined> {
  if (options.bridgedInterface !== undefined || options.hypervisor !== undefined) return options.bridgedInterface;
  const choices = unique(interfaces.map(({ name, address }) => ({ value: name, label: `${name}  ${address}` })));
  if (asker === undefined || choices.length < 2) return choices[0]?.value;
  return asker.choose('Which interface is the machine to be bridged to?', choices);
}

/**
 * The address under which the machine finds this workstation. A QEMU machine behind NAT reaches its host under
 * 10.0.2.2, which QEMU's user-mode network always provides; all others need a LAN address.
 */
async function relayHost(
  options: VmGeneratorSchema,
  { interfaces }: Workstation,
  asker: Asker | undefined,
): Promise<string> {
  if (options.relayHost !== undefined) return options.relayHost;
  if (options.provider === 'qemu' && options.network !== 'bridged') return '10.0.2.2';
  const suggestion = interfaces[0]?.address ?? '';
  const answer =
    (await asker?.text('Under which address does the machine reach this workstation?', suggestion)) ?? suggestion;
  if (answer === '')
    throw new OptionNeededError(
      'relayHost',
      'the machine connects out to this workstation, which has no LAN address to suggest',
      '192.168.1.20',
    );
  return answer;
}

function notANumber(answer: string): string | undefined {
  return /^[1-9]\d*$/.test(answer) ? undefined : 'Please enter a whole number.';
}

function unique<T extends { value: string }>(choices: readonly T[]): T[] {
  return choices.filter(({ value }, index) => choices.findIndex((other) => other.value === value) === index);
}
