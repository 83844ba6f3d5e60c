import { YamlFileError, type YamlProblem } from '../yaml-files/errors.js';
import type { ParsedYaml } from '../yaml-files/parse-yaml.js';
import type { PortRegistry } from './schema.js';

/**
 * What a schema cannot say of a registry: the range runs upwards, no two owners share a port, machines lie in the range.
 * @throws YamlFileError that names both owners of a port.
 */
export function checkRegistry(parsed: ParsedYaml<PortRegistry>): void {
  const { range, services, machines } = parsed.value;
  const problems: YamlProblem[] = [];
  if (range.first > range.last)
    problems.push(
      parsed.problemAt(
        ['range', 'first'],
        `the range ${range.first}–${range.last} holds no port`,
        'Let "first" be at most "last".',
      ),
    );
  const owners = new Map<number, string>();
  for (const [service, port] of Object.entries(services)) {
    const owner = owners.get(port);
    if (owner !== undefined)
      problems.push(
        parsed.problemAt(
          ['services', service],
          `port ${port} of ${service} is also the port of ${owner}`,
          differ(parsed),
        ),
      );
    else owners.set(port, `service "${service}"`);
  }
  for (const [name, port] of Object.entries(machines)) {
    const owner = owners.get(port);
    if (owner !== undefined)
      problems.push(
        parsed.problemAt(['machines', name], `machine "${name}" and ${owner} both have port ${port}`, differ(parsed)),
      );
    else owners.set(port, `machine "${name}"`);
    if (port < range.first || port > range.last)
      problems.push(
        parsed.problemAt(
          ['machines', name],
          `port ${port} of machine "${name}" is outside the range ${range.first}–${range.last}`,
          'Give it a port of the range, or widen "range" so that it holds this one.',
        ),
      );
  }
  if (problems.length > 0) throw new YamlFileError(parsed.file, problems);
}

function differ({ value }: ParsedYaml<PortRegistry>): string {
  const free = freePort(value);
  return free === undefined
    ? 'Give one of them another port; the range is full, so widen "range" first.'
    : `Give one of them another port; ${free} is free.`;
}

/** The lowest port of the range that neither a machine nor a service has. */
export function freePort({ range, services, machines }: PortRegistry): number | undefined {
  const taken = new Set([...Object.values(services), ...Object.values(machines)]);
  for (let port = range.first; port <= range.last; port++) if (!taken.has(port)) return port;
  return undefined;
}
