import { shellWord } from '../../remote-shell/shell-word.js';
import { unitName } from './host-layout.js';
import type { AdoptedHost } from './host-shell.js';
import { asRoot, type HostServices } from './services.js';

/** Programs of a host that keep a log; `supervisor` only where there is no systemd. */
export function hostLogNames({ init, parts }: Pick<HostServices, 'init' | 'parts'>): string[] {
  return init === 'supervisor' ? ['supervisor', ...parts] : [...parts];
}

/**
 * Passes on the end of a program's log, and with `follow` what is added until `signal` aborts.
 * @throws RemoteLoginError, RemoteCommandError
 */
export async function hostLog(
  { shell, services }: AdoptedHost,
  log: string,
  options: {
    readonly lines: number;
    readonly follow: boolean;
    readonly print: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { lines, follow, print, signal } = options;
  const count = String(Math.trunc(lines));
  await shell.succeed(`Reading the log of ${log}`, logScript(services, log, count, follow), {
    onOutput: (stream, text) => {
      if (stream === 'stdout') print(text);
    },
    signal,
  });
}

function logScript({ init, layout, name, isRoot }: HostServices, log: string, count: string, follow: boolean): string {
  if (init === 'supervisor') {
    const file = shellWord(`${layout.supervisor}/${log}.log`);
    // A program that never ran has no log.
    return `[ ! -e ${file} ] || exec tail -n ${count} ${follow ? '-F ' : ''}${file}`;
  }
  const unit = unitName(log === 'tunnel' ? 'tunnel' : 'agent', name);
  const journal = `journalctl ${init === 'user' ? '--user ' : ''}-u ${unit} -n ${count} -o short-iso --no-pager${follow ? ' -f' : ''}`;
  return init === 'system' ? asRoot(isRoot, journal) : journal;
}
