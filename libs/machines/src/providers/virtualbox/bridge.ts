import { BridgedInterfaceError } from './errors.js';
import type { BridgedInterface } from './parse/bridged-interfaces.js';

/**
 * Which interface of the hypervisor's host to bridge to: the one that is asked for, or the only one that is a candidate
 * (up, with an address). A choice between several is the user's.
 * @param where of the hypervisor, for messages.
 * @throws BridgedInterfaceError
 */
export function chooseBridgedInterface(
  wanted: string | undefined,
  interfaces: readonly BridgedInterface[],
  where: string,
): BridgedInterface {
  const names = interfaces.map(({ name }) => name);
  if (wanted !== undefined) {
    const found = interfaces.find(({ name }) => name === wanted);
    if (found === undefined) throw new BridgedInterfaceError(`There is no interface "${wanted}" ${where}`, names);
    return found;
  }
  const candidates = interfaces.filter(({ up, address }) => up && address !== '0.0.0.0' && address !== '');
  const [only, second] = candidates.length > 0 ? candidates : interfaces;
  if (only === undefined) throw new BridgedInterfaceError(`There is no interface to bridge to ${where}`, []);
  if (second !== undefined)
    throw new BridgedInterfaceError(
      `There are several interfaces ${where}, and machine.yml does not say which one to bridge to`,
      candidates.map(({ name }) => name),
    );
  return only;
}
