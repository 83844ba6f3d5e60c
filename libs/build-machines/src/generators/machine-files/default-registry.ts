import type { Tree } from '@nx/devkit';
import { PORT_REGISTRY_FILE } from '@build-machines/machines';

/**
 * A registry without machines. Ten ports, as many as one person's workstation is likely to serve; the file says how to
 * have more.
 */
const emptyRegistry = `# Ports of this workspace's build machines on the workstation's loopback interface.
# Each machine's reverse tunnel listens on its own port; \`nx g build-machines:vm\` allocates the next free one.
# For more machines widen the range.
range:
  first: 12221
  last: 12230
services:
  relay: 12220 # the embedded relay (an unprivileged sshd that machines connect out to)
  hub: 8000 # the State Hub
machines:
`;

/** Writes an empty port-registry.yml unless the workspace has one. */
export function ensureRegistry(tree: Tree): void {
  if (!tree.exists(PORT_REGISTRY_FILE)) tree.write(PORT_REGISTRY_FILE, emptyRegistry);
}
