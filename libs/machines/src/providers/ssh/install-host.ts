import type { RemoteShell } from '../../remote-shell/remote-shell.js';
import { shellCommand, shellWord } from '../../remote-shell/shell-word.js';
import { HostUploadError } from './host-errors.js';
import { packFiles, sha256, type HostFile } from './host-files.js';
import type { HostLayout } from './host-layout.js';
import { asRoot, unitFolder } from './services.js';

/** Exit status by which the script says that the digests differ. */
const DAMAGED = 76;

/** The digest of what is installed; empty where nothing is. */
export async function installedDigest(shell: RemoteShell, layout: HostLayout, signal?: AbortSignal): Promise<string> {
  const script = `cat ${shellWord(layout.installed)} 2>/dev/null || :`;
  return (await shell.succeed('Reading what is installed', script, { signal })).trim();
}

/**
 * Puts the machine's files on the host: all of them arrive beside their places and are checked by SHA-256 there before
 * the first takes its place, each by a rename. The digest is recorded last, so that an installation that was cut off is
 * done again.
 * @throws HostUploadError when what arrived is not what was sent; nothing is changed then.
 */
export async function installFiles(
  shell: RemoteShell,
  options: {
    readonly name: string;
    readonly layout: HostLayout;
    readonly files: readonly HostFile[];
    readonly digest: string;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { name, layout, files, digest, signal } = options;
  const names = files.map(({ path }) => path.slice(layout.root.length + 1));
  const sums = files.map(({ content }, index) => `${sha256(content)}  ${names[index] ?? ''}`).join('\n');
  const script = `
set -eu
umask 077
cd ${shellWord(layout.root)}
rm -rf arriving
mkdir arriving
trap 'rm -rf arriving' EXIT
tar -xf - -C arriving
(cd arriving && printf '%s\\n' ${shellWord(sums)} | sha256sum -c >/dev/null 2>&1) || exit ${DAMAGED}
rm -f installed
for file in ${shellCommand(names)}; do mv -f "arriving/$file" "$file"; done
printf '%s\\n' ${shellWord(digest)} >installed
`;
  const { exitCode, stderr } = await shell.run(script, { stdin: await packFiles(layout.root, files), signal });
  if (exitCode === 0) return;
  throw new HostUploadError(
    exitCode === DAMAGED
      ? `machine "${name}": what arrived at the host is not what was sent; nothing there was changed`
      : `machine "${name}": the agent could not be installed: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    { hint: 'Does the host have tar and sha256sum, and room on its disk? Then the same command again.' },
  );
}

/** Writes systemd units, those of the system through sudo, and removes those that are wanted no more. */
export async function installUnits(
  shell: RemoteShell,
  options: {
    readonly init: 'system' | 'user';
    readonly home: string;
    readonly isRoot: boolean;
    /** Text by unit name; null: there must be none of that name. */
    readonly units: Readonly<Record<string, string | null>>;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { init, home, isRoot, units, signal } = options;
  const folder = unitFolder(init, home);
  const root = (command: string): string => (init === 'system' ? asRoot(isRoot, command) : command);
  for (const [name, text] of Object.entries(units)) {
    const file = shellWord(`${folder}/${name}`);
    const script =
      text === null
        ? root(`rm -f ${file}`)
        : `set -e
new=$(mktemp)
trap 'rm -f "$new"' EXIT
cat >"$new"
${root(`mkdir -p ${shellWord(folder)}`)}
${root(`install -m 0644 "$new" ${file}`)}`;
    await shell.succeed(`Installing ${name}`, script, { stdin: text ?? '', signal });
  }
}
