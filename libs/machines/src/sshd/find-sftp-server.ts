import { access, constants } from 'node:fs/promises';

/** Where Debian, Fedora, Arch and Alpine, and BSD put it. */
const PLACES = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
];

/** Absolute path of OpenSSH's sftp-server; undefined where it is not installed. */
export async function findSftpServer(): Promise<string | undefined> {
  for (const place of PLACES) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return undefined;
}
