import { basename, dirname, join } from 'node:path';
import { MachineDefinition } from '@build-machines/protocol';
import { readIfPresent } from '../disk/missing.js';
import { loadPortRegistry } from '../registry/read.js';
import { freePort } from '../registry/check.js';
import type { PortRegistry } from '../registry/schema.js';
import { YamlFileError } from '../yaml-files/errors.js';
import { parseYaml, type ParsedYaml } from '../yaml-files/parse-yaml.js';
import { MachineUnknownError } from './errors.js';
import { machineNames } from './names.js';
import { parseSshTarget } from './ssh-target.js';

/** A machine as the workspace defines it. */
export interface LoadedMachine {
  readonly definition: MachineDefinition;
  /** Absolute path of its machine.yml. */
  readonly file: string;
  /** Absolute path of the folder that holds it. */
  readonly folder: string;
  /** Port of its reverse tunnel on the workstation; for an ssh host without one, the port of SSH on that host. */
  readonly port: number;
  /** The workspace's service ports, from port-registry.yml. */
  readonly services: PortRegistry['services'];
}

/** Folder of the workspace that holds one folder per machine. */
export const MACHINES_FOLDER = 'machines';

/** Absolute path of a machine's definition. */
export function machineFile(workspaceRoot: string, name: string): string {
  return join(workspaceRoot, MACHINES_FOLDER, name, 'machine.yml');
}

/**
 * Loads and checks a machine's definition and its port.
 * @throws MachineUnknownError, YamlFileError (all mistakes, with lines and fixes), PortRegistryMissingError.
 */
export async function loadMachine(workspaceRoot: string, name: string): Promise<LoadedMachine> {
  const file = machineFile(workspaceRoot, name);
  const text = await readIfPresent(file);
  if (text === undefined) throw new MachineUnknownError(file, name, await machineNames(workspaceRoot));
  const parsed = parseMachine(file, text);
  const registry = await loadPortRegistry(workspaceRoot);
  return {
    definition: parsed.value,
    file,
    folder: dirname(file),
    port: portOf(parsed, registry),
    services: registry.value.services,
  };
}

/**
 * Parses a machine.yml and checks what needs no other file. `file` is how errors name it; its folder's name must be the
 * machine's.
 */
export function parseMachine(file: string, text: string): ParsedYaml<MachineDefinition> {
  const parsed = parseYaml(file, text, MachineDefinition);
  const { name, provider, host, sudo, hub } = parsed.value;
  const folder = basename(dirname(file));
  const problems = [];
  if (name !== folder)
    problems.push(
      parsed.problemAt(
        ['name'],
        `the name "${name}" differs from the folder's name "${folder}"`,
        `Write "name: ${folder}", or rename the folder.`,
      ),
    );
  if (provider === 'ssh' && host === undefined)
    problems.push(
      parsed.problemAt(
        ['provider'],
        'provider "ssh" needs the host to use',
        'Add "host: user@host.example" (or user@host:port).',
      ),
    );
  else if (host !== undefined && provider !== 'ssh')
    problems.push(
      parsed.problemAt(
        ['host'],
        `provider "${provider}" has no use for "host"`,
        'Remove "host", or set "provider: ssh".',
      ),
    );
  if (sudo && provider !== 'ssh')
    problems.push(
      parsed.problemAt(
        ['sudo'],
        `provider "${provider}" has no use for "sudo"`,
        'Remove "sudo", or set "provider: ssh".',
      ),
    );
  if (hub.catalog !== undefined && hub.url === undefined)
    problems.push(
      parsed.problemAt(
        ['hub', 'catalog'],
        '"hub.catalog" describes an existing hub, and "hub.url" names none',
        'Add "url: http://…" under "hub", or remove "catalog".',
      ),
    );
  if (provider === 'ssh' && host !== undefined && parseSshTarget(host) === undefined)
    problems.push(parsed.problemAt(['host'], `"${host}" is not an SSH destination`, 'Write it as [user@]host[:port].'));
  if (problems.length > 0) throw new YamlFileError(file, problems);
  return parsed;
}

function portOf(machine: ParsedYaml<MachineDefinition>, registry: ParsedYaml<PortRegistry>): number {
  const { name, provider, tunnel, host } = machine.value;
  if (provider === 'ssh' && !tunnel && host !== undefined) return parseSshTarget(host)?.port ?? 22; // The ssh configuration may say another one; `up` asks it.
  const port = registry.value.machines[name];
  if (port !== undefined) return port;
  const free = freePort(registry.value);
  throw new YamlFileError(registry.file, [
    registry.problemAt(
      ['machines'],
      `machine "${name}" has no port`,
      free === undefined
        ? 'Widen "range", then add a port for it under "machines".'
        : `Add "${name}: ${free}" under "machines", or run \`nx sync\`.`,
    ),
  ]);
}
