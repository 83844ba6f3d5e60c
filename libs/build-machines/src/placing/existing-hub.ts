import type { MachineDefinition } from '@build-machines/protocol';
import { connectHub, type ConnectedHub } from '@build-machines/state-hub';

/** An existing hub, as machine.yml names it. */
export type ExistingHub = MachineDefinition['hub'] & { readonly url: string };

/** The existing hub of a machine; undefined: the embedded one. */
export function existingHub({ hub }: Pick<MachineDefinition, 'hub'>): ExistingHub | undefined {
  const { url } = hub;
  return url === undefined ? undefined : { ...hub, url };
}

/**
 * Connects to an existing hub by its mapping, with the user's token for it.
 * @throws HubUnreachableError when nothing answers.
 */
export function connectExisting(
  { url, catalog }: ExistingHub,
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<ConnectedHub> {
  return connectHub({ url, mapping: catalog, token: env['BUILD_MACHINES_HUB_TOKEN'] }, signal);
}
