import { shellCommand, shellWord } from '../../remote-shell/shell-word.js';
import type { HostInit } from './host-facts.js';
import { unitName, type HostLayout } from './host-layout.js';

/** What is needed to speak to whoever keeps a machine's programs running. */
export interface HostServices {
  readonly name: string;
  readonly layout: HostLayout;
  readonly init: HostInit;
  /** Whether the account is root: then sudo is not needed. */
  readonly isRoot: boolean;
  readonly node: string;
  readonly parts: readonly ('agent' | 'tunnel')[];
}

/** Puts `sudo -n` before what needs root. */
export function asRoot(isRoot: boolean, command: string): string {
  return isRoot ? command : `sudo -n ${command}`;
}

/** `systemctl` of the system or of the account. Over SSH without a login session, the latter is found by its folder. */
export function systemctl({ init, isRoot }: Pick<HostServices, 'init' | 'isRoot'>): string {
  if (init === 'system') return asRoot(isRoot, 'systemctl');
  return 'env XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}" systemctl --user';
}

/** Folder of the units. */
export function unitFolder(init: 'system' | 'user', home: string): string {
  return init === 'system' ? '/etc/systemd/system' : `${home}/.config/systemd/user`;
}

/** Starts everything, or starts it anew with what was changed; it comes back after a reboot where systemd is there. */
export function startScript(services: HostServices): string {
  if (services.init === 'supervisor') return `${stopScript(services)}\n${supervise(services)}`;
  const control = systemctl(services);
  const units = services.parts.map((part) => unitName(part, services.name)).join(' ');
  return `set -e\n${control} daemon-reload\n${control} enable --quiet ${units}\n${control} restart ${units}\n`;
}

/** Ends everything, and keeps it from coming back at the next boot. */
export function stopScript(services: HostServices): string {
  const { layout, node, init, name } = services;
  if (init === 'supervisor')
    return `[ ! -e ${shellWord(layout.supervisorConfig)} ] || ${shellCommand([node, layout.supervisorBundle, layout.supervisorConfig])} end`;
  const control = systemctl(services);
  const units = [unitName('tunnel', name), unitName('agent', name)].join(' ');
  // A unit that is not installed is not to be stopped either.
  return `for unit in ${units}; do
  if ${control} cat "$unit" >/dev/null 2>&1; then ${control} disable --now --quiet "$unit"; fi
done`;
}

/** Prints `active` when everything runs. */
export function statusScript(services: HostServices): string {
  const { layout, init, parts, name } = services;
  if (init === 'supervisor') {
    const agent = parts.map((part) => `[ -e ${shellWord(`${layout.supervisor}/${part}.child.json`)} ]`).join(' && ');
    return `pid=$(sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' ${shellWord(`${layout.supervisor}/instance.json`)} 2>/dev/null || :)
if [ -n "$pid" ] && tr '\\0' '\\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -e ${shellWord(layout.supervisorConfig)} && ${agent}; then echo active; fi`;
  }
  const units = parts.map((part) => unitName(part, name));
  return `if ${units.map((unit) => `${systemctl(services)} is-active --quiet ${unit}`).join(' && ')}; then echo active; fi`;
}

/** Starts our supervisor as nobody's child: the SSH session that does it ends at once. */
function supervise({ layout, node }: HostServices): string {
  const program = shellCommand([node, layout.supervisorBundle, layout.supervisorConfig]);
  const log = shellWord(`${layout.supervisor}/supervisor.log`);
  return `umask 077\nsetsid ${program} >>${log} 2>&1 </dev/null &`;
}
