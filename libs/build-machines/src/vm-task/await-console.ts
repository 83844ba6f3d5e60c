import { type ConsoleFacts, readBanner, readConsole } from '@build-machines/machines';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a VM may take to boot, in milliseconds; without KVM the first boot takes minutes. */
const BOOT_WITHIN = 600_000;

/** Reads what a VM said on its console; nothing where the log cannot be read, as on another computer. */
export async function consoleFacts(serialLog: string): Promise<ConsoleFacts> {
  try {
    return readConsole(await readFile(serialLog, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { hostKey: undefined, address: undefined };
    }
    throw error;
  }
}

/** Waits until an sshd answers there. @throws what `readBanner` throws when the time is over. */
export async function awaitSsh(host: string, port: number, signal: AbortSignal): Promise<void> {
  await readBanner({ host, port, timeoutMs: BOOT_WITHIN, signal });
}

/** Waits until the console names an address; undefined when the time is over. */
export async function awaitAddress(serialLog: string, signal: AbortSignal): Promise<string | undefined> {
  for (const deadline = performance.now() + BOOT_WITHIN; performance.now() < deadline;) {
    const { address } = await consoleFacts(serialLog);
    if (address !== undefined) return address;
    await sleep(1_000, undefined, { signal });
  }
  return undefined;
}
