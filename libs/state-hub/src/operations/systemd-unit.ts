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
 * It needs nothing but its state folder, so it writes nowhere else; SQLite's temporary files go there too. It gets no /tmp
 * of its own, because the program or the state may be below the real one.
 */
export function hubSystemdUnit({ node, program, state }: SystemdUnitPaths, port: number): string {
  return `[Unit]
Description=State Hub of build-machines

[Service]
ExecStart=${quoteInCommand(node)} ${quoteInCommand(program)} serve --state ${quoteInCommand(state)} --port ${port}
Restart=on-failure
RestartSec=2
TimeoutStopSec=15
NoNewPrivileges=yes
UMask=0077
ProtectSystem=strict
ReadWritePaths=${quote(state)}
Environment=${quote(`TMPDIR=${state}`)}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

[Install]
WantedBy=default.target
`;
}

/** Quotes as systemd.syntax(7) asks for: C escapes, and no specifier is expanded. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** As {@link quote}, in a command line, where variables would be expanded too: systemd.service(5). */
function quoteInCommand(text: string): string {
  return quote(text).replaceAll('$', '$$$$');
}
