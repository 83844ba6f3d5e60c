/**
 * Whether a generator may ask. Nx sets `NX_INTERACTIVE=false` for `--no-interactive`, CI services set `CI`, and without
 * a terminal nobody could answer.
 */
export function mayAsk(env: Readonly<Record<string, string | undefined>>, terminal: { isTTY?: boolean }): boolean {
  const onCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return terminal.isTTY === true && env['NX_INTERACTIVE'] !== 'false' && !onCi;
}
