import { HostAnswerError } from './host-errors.js';
import type { HostProgram } from './programs.js';

/** Protection that needs systemd to be root: not to be had by a service of an account's own systemd. */
const SYSTEM_PROTECTION = [
  'ProtectSystem=full',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'CapabilityBoundingSet=',
];

/**
 * The text of a systemd unit that keeps a program running, as `user` where the unit is the system's. The account's home
 * folder stays writable: compilers, cabal's store and the machine's own state are in it.
 * @throws HostAnswerError for a path or value that systemd would read as something else.
 */
export function unitText(
  program: HostProgram,
  scope: { readonly kind: 'system'; readonly user: string } | { readonly kind: 'user' },
): string {
  const { part, description, command, args, env } = program;
  const system = scope.kind === 'system';
  return [
    '# Written by build-machines; changes are lost.',
    '[Unit]',
    `Description=${description}`,
    ...(system ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    ...(system ? [`User=${word(scope.user)}`] : []),
    ...Object.entries(env).map(([name, value]) => `Environment=${quotedValue(`${name}=${value}`)}`),
    `ExecStart=${execLine([command, ...args])}`,
    'Restart=always',
    'RestartSec=5',
    'UMask=0077',
    // A build that runs out of memory loses its compiler, not the agent.
    ...(part === 'agent' ? ['OOMPolicy=continue', 'TimeoutStopSec=30', 'LimitNOFILE=65536'] : []),
    '',
    'NoNewPrivileges=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    ...(system ? SYSTEM_PROTECTION : []),
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n');
}

/** A program and its arguments for ExecStart and its like: `$` begins a variable there, and is doubled. */
export function execLine(words: readonly string[]): string {
  return words.map((word) => quotedValue(word).replaceAll('$', '$$$$')).join(' ');
}

/** A value in double quotes (systemd.syntax(7)); `%` begins a specifier, and is doubled. */
export function quotedValue(text: string): string {
  if (/[\p{Cc}]/u.test(text))
    throw new HostAnswerError(`the host has a path with control characters: ${JSON.stringify(text)}`, {
      hint: 'Use another account, or another place for the program.',
    });
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

function word(text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text))
    throw new HostAnswerError(`the host's account is called ${JSON.stringify(text)}`, {
      hint: 'Use an account whose name has letters, digits and . _ - only.',
    });
  return text;
}
