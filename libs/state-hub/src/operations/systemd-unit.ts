/** Where things are that the unit names; absolute paths. */
export interface SystemdUnitPaths {
  /** The Node.js executable. */
  readonly node: string;
  /** The bundled hub.cjs. */
  readonly program: string;
  /** The hub's state folder. */
  readonly state: string;
}

/**
 * A systemd user unit for a hub that runs without the bridge (`~/.config/systemd/user/build-machines-hub.service`).
 * It needs nothing but its state folder, so it gets nothing else.
 */
export function hubSystemdUnit({ node, program, state }: SystemdUnitPaths, port: number): string {
  return `[Unit]
Description=State Hub of build-machines

[Service]
ExecStart=${quote(node)} ${quote(program)} serve --state ${quote(state)} --port ${port}
Restart=on-failure
RestartSec=2
TimeoutStopSec=15
NoNewPrivileges=yes
UMask=0077
ProtectSystem=strict
ReadWritePaths=${quote(state)}
PrivateTmp=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

[Install]
WantedBy=default.target
`;
}

/** Quotes as systemd.syntax(7) and systemd.service(5) ask for: C escapes, and no specifier or variable is expanded. */
function quote(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}
