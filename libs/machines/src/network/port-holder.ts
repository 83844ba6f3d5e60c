import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { hasErrorCode } from '../disk/missing.js';
import { allProcesses } from '../processes/find-processes.js';
import { readProc } from '../processes/process-identity.js';

/** Who listens on a TCP port. */
export interface PortHolder {
  /** Undefined where the process is another user's, or hides (sshd does, from ordinary users). */
  readonly pid: number | undefined;
  /** For an error message: ` by process 123 (sshd: …)`, or empty. */
  readonly description: string;
}

/** State LISTEN in /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = '0A';
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** 127.0.0.1, 0.0.0.0, `::` and `::ffff:127.0.0.1` as these tables write them, in words of the processor's own byte order. */
const REACHED_BY_LOOPBACK = /^(0100007F|7F000001|0+|0{16}(FFFF0000|0000FFFF)(0100007F|7F000001))$/;

/** Who listens on a TCP port of this computer, on whichever address; undefined when nobody does. */
export function portHolder(port: number): PortHolder | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  const pid = allProcesses().find((process) => holdsSocket(process.pid, inodes))?.pid;
  if (pid === undefined) return { pid, description: '' };
  const command = readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim().slice(0, 80) ?? '';
  return { pid, description: ` by process ${pid} (${command})` };
}

/**
 * Whether anybody listens on a TCP port of this computer. Linux tells, for whichever address; elsewhere a connection to
 * the loopback interface does.
 */
export async function isListening(port: number): Promise<boolean> {
  return existsSync(TABLES[0]) ? listeningInodes(port).size > 0 : accepts(port);
}

/** @returns whether a connection comes about. On loopback that is settled at once; a second is for a busy computer. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const settle = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', settle(true)).once('timeout', settle(false)).once('error', settle(false));
  });
}

/**
 * The accounts, by number, of those who would be reached on a port of 127.0.0.1: who listens there, or on all addresses.
 * None where nobody listens, and on systems that do not tell (they have no /proc/net/tcp).
 */
export function loopbackListeners(port: number): ReadonlySet<number> {
  return new Set(listeners(port).flatMap(({ address, uid }) => (REACHED_BY_LOOPBACK.test(address) ? [uid] : [])));
}

function listeningInodes(port: number): Set<string> {
  return new Set(listeners(port).map(({ inode }) => inode));
}

/** Lines of proc_net_tcp(5): `sl local rem st queues timer retransmits uid timeout inode …`. */
function listeners(port: number): { address: string; uid: number; inode: string }[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return TABLES.flatMap((table) => (readProc(table) ?? '').split('\n').slice(1)).flatMap((line) => {
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || !local.endsWith(`:${hex}`) || inode === undefined) return [];
    return [{ address: local.slice(0, -hex.length - 1), uid: Number(uid), inode }];
  });
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const target = linkTarget(`/proc/${pid}/fd/${descriptor}`);
      return inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
    });
  } catch (error) {
    // Another user's process, or one that just ended.
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    // Closed since it was listed.
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
