import { type RemoteLogin, remoteShell, type RemoteShell, workstationAccount } from '@build-machines/machines';

/** A shell on a machine, as the user of this workstation gets one. */
export function shellTo(login: RemoteLogin): RemoteShell {
  const { path, home } = workstationAccount();
  return remoteShell(login, { path, env: { HOME: home } });
}
