import { readBanner, readConsole } from '@build-machines/machines';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a VM may take to boot, in milliseconds; without KVM the first boot takes minutes. */
const BOOT_WITHIN = 600_000;

/** How often a console is looked at, in milliseconds. */
const LOOK_EVERY = 1_000;

/** Waits until an sshd answers there. @throws what `readBanner` throws when the time is over. */
export async function awaitSsh(host: string, port: number, signal: AbortSignal): Promise<void> {
  await readBanner({ host, port, timeoutMs: BOOT_WITHIN, signal });
}

/** Waits until the console names an address; undefined when the time is over. */
export async function awaitAddress(read: () => Promise<string>, signal: AbortSignal): Promise<string | undefined> {
  for (const deadline = performance.now() + BOOT_WITHIN; performance.now() < deadline;) {
    const { address } = readConsole(await read());
    if (address !== undefined) return address;
    await sleep(LOOK_EVERY, undefined, { signal });
  }
  return undefined;
}
