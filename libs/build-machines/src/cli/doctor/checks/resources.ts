import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { isPortFree, portHolder } from '@build-machines/machines';
import { HubClient } from '@build-machines/state-hub';
import { hasMachineOf, type Check } from '../check.js';

const GIB = 1024 ** 3;
/** An image build keeps installer, disk and OVA side by side; a sandbox holds mirrors and cabal's store. */
const room = { image: 60 * GIB, sandbox: 5 * GIB };

export const disk: Check = {
  id: 'disk',
  title: 'Disk',
  async inspect(workstation) {
    const { bavail, bsize } = await statfs(nearestExisting(workstation.stateFolder));
    const free = bavail * bsize;
    const needed = hasMachineOf(workstation, 'virtualbox', 'qemu') ? room.image : room.sandbox;
    const found = `${prettyBytes(free)} free in ${workstation.stateFolder}`;
    if (free >= needed) return { status: 'ok', found };
    return {
      status: 'warning',
      found: `${found}; ${prettyBytes(needed)} are advisable`,
      fix: 'Make room, or set BUILD_MACHINES_HOME to a folder on a larger disk.',
    };
  },
};

export const ports: Check = {
  id: 'ports',
  title: 'Ports',
  async inspect({ workspace, signal }) {
    if (workspace === undefined) return { status: 'warning', found: 'not looked at: there is no valid workspace' };
    const { relay, hub } = workspace.registry.services;
    const strangers: string[] = [];
    if (!(await isPortFree(hub)) && !(await isOurHub(hub, signal)))
      strangers.push(`port ${hub} of the hub is held${portHolder(hub)?.description ?? ''}`);
    if (!(await isPortFree(relay)) && !isSshd(portHolder(relay)?.description))
      strangers.push(`port ${relay} of the relay is held${portHolder(relay)?.description ?? ''}`);
    if (strangers.length === 0) return { status: 'ok', found: `relay ${relay} and hub ${hub} are free or ours` };
    return {
      status: 'missing',
      found: strangers.join('; '),
      fix: 'End that program, or give the service another port in port-registry.yml.',
    };
  },
};

/** Whether what listens on the hub's port is a State Hub. */
async function isOurHub(port: number, signal: AbortSignal): Promise<boolean> {
  return new HubClient({ url: `http://127.0.0.1:${port}` }).health(signal).then(
    () => true,
    () => false,
  );
}

/** The relay is an sshd. An sshd hides its process from ordinary users: no description is no sign of a stranger. */
function isSshd(description: string | undefined): boolean {
  return description === undefined || description === '' || description.includes('sshd');
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
