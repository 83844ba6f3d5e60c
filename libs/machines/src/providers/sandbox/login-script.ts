import { shellWord } from '../../remote-shell/shell-word.js';

/**
 * The program that the sandbox's sshd runs for every session. The user database gives the account's own home folder and
 * sshd leads every session there; this leads it into the machine's instead, then does what was asked for.
 */
export function loginScript(home: string, path: string): string {
  return `#!/bin/sh
# Written by build-machines; changes are lost.
HOME=${shellWord(home)} PATH=${shellWord(path)}
export HOME PATH
cd "$HOME" || exit 1
asked=\${SSH_ORIGINAL_COMMAND-}
unset SSH_ORIGINAL_COMMAND
if [ -n "$asked" ]; then exec "\${SHELL:-/bin/sh}" -c "$asked"; fi
exec "\${SHELL:-/bin/sh}" -l
`;
}
