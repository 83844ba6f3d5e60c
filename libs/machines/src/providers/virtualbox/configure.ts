import { BridgedInterfaceError, VBoxManageFailedError } from './errors.js';
import type { VBoxManage } from './vboxmanage.js';

/** What a VM shall be set to, whatever its appliance says. */
export interface VmSettings {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly network: { readonly mode: 'bridged'; readonly interface: string } | { readonly mode: 'nat' };
  /** Whether VirtualBox starts it with its host. */
  readonly autostart: boolean;
  /** File for the serial console, as VBoxManage knows it. */
  readonly serialLog: string;
}

/**
 * Applies the settings to a VM that is off, and reads them back: VBoxManage takes some wrong values with a warning, and
 * exits with 0.
 * @throws BridgedInterfaceError, VBoxManageFailedError
 */
export async function configureVm(vbox: VBoxManage, vm: string, settings: VmSettings): Promise<void> {
  const { cpus, memoryMiB, network, autostart, serialLog } = settings;
  const nic =
    network.mode === 'bridged' ? ['--nic1', 'bridged', '--bridgeadapter1', network.interface] : ['--nic1', 'nat'];
  const warnings = await vbox.modify(
    vm,
    ...['--cpus', String(cpus), '--memory', String(memoryMiB)],
    ...nic,
    ...['--uart1', '0x3F8', '4', '--uartmode1', 'file', serialLog],
    ...['--autostart-enabled', autostart ? 'on' : 'off'],
    ...['--rtcuseutc', 'on', '--audio-enabled', 'off'],
  );
  const missing = warnings.map((text) => /Interface "(.*)" doesn't seem to exist/.exec(text)?.[1]).find((name) => name);
  if (missing !== undefined) {
    const names = (await vbox.bridgedInterfaces()).map(({ name }) => name);
    throw new BridgedInterfaceError(`There is no interface "${missing}" ${vbox.runner.where}`, names);
  }
  const info = await vbox.info(vm);
  const expected = { cpus: String(cpus), memory: String(memoryMiB), nic1: network.mode };
  for (const [key, value] of Object.entries(expected))
    if (info.get(key) !== value)
      throw new VBoxManageFailedError(
        `VirtualBox set ${key} of ${vm} to ${info.get(key) ?? 'nothing'}, not to ${value}`,
        {
          hint: `Look at it: VBoxManage showvminfo ${vm}`,
          details: { warnings },
        },
      );
}
