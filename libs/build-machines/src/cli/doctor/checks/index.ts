import type { Check } from '../check.js';
import { clock } from './clock.js';
import { kvm, packer, qemu, virtualBox } from './image-tools.js';
import { firewall, wslNetwork } from './network.js';
import { packages } from './packages.js';
import { autossh, git, node, ssh, sshd } from './programs.js';
import { disk, ports } from './resources.js';
import { workspaceCheck } from './workspace.js';

/** Everything that doctor looks at, in the order in which a newcomer would mend it. */
export function allChecks(workspaceRoot: string | undefined): readonly Check[] {
  return [
    node,
    git,
    ssh,
    sshd,
    autossh,
    workspaceCheck(workspaceRoot),
    packages,
    ports,
    disk,
    packer,
    virtualBox,
    qemu,
    kvm,
    wslNetwork,
    firewall,
    clock,
  ];
}
