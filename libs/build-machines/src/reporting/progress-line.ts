/**
 * Progress of long work: one line that is rewritten on a terminal, and a plain line per phase elsewhere (CI logs,
 * files), where rewriting would only fill the log.
 */
export class ProgressLine {
  private phase = '';
  private shown = false;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly interactive: boolean = out.isTTY,
  ) {}

  /**
   * Shows where the work is.
   * @param phase what is being done; a plain line is printed when it changes.
   * @param detail how far it is; shown on terminals only.
   */
  update(phase: string, detail = ''): void {
    if (this.interactive) {
      this.out.write(`\r\x1b[2K${phase}${detail === '' ? '' : ` ${detail}`}`);
      this.shown = true;
    } else if (phase !== this.phase) {
      this.out.write(`${phase}\n`);
    }
    this.phase = phase;
  }

  /** Removes the line, so that what is printed next starts on a clean one. */
  clear(): void {
    if (this.shown) this.out.write('\r\x1b[2K');
    this.shown = false;
  }
}
