/** GHCi's prompt, which is of no use to somebody who does not type. */
const PROMPT = /^(?:\*?[\w.' *]*> )+/;
/** A position at the beginning of a line, as `src/Word.hs:3:10: error`. */
const POSITION = /^(?![/\\])[^\s:]+\.\w+:(?=\d|\()/;
/** cabal on whose files it works from now on, as `Preprocessing library for core-0.1..`. */
const PACKAGE = /^(?:Configuring|Preprocessing|Building) .* for ([\w-]+?)-[\d.]+\.\.$/;

/**
 * Makes the output of a GHCi whose input is a pipe readable: whole lines, without prompts, and with positions that are
 * relative to the workspace. GHC runs in the folder of a package and writes them relative to that.
 */
export class DiagnosticLines {
  #folder: string;
  readonly #held = { stdout: '', stderr: '' };

  /**
   * @param own name of the package that is loaded
   * @param folders workspace-relative folders of the packages of the project, by name
   */
  constructor(
    own: string,
    private readonly folders: ReadonlyMap<string, string>,
  ) {
    this.#folder = folders.get(own) ?? '.';
  }

  /** Takes a piece of output. @returns the lines that it completes, with their ends. */
  push(stream: 'stdout' | 'stderr', text: string): string {
    const lines = (this.#held[stream] + text).split('\n');
    this.#held[stream] = lines.pop() ?? '';
    return lines.map((line) => `${this.#line(line)}\n`).join('');
  }

  #line(text: string): string {
    const line = text.replace(PROMPT, '');
    const name = PACKAGE.exec(line)?.[1];
    this.#folder = (name === undefined ? undefined : this.folders.get(name)) ?? this.#folder;
    return this.#folder !== '.' && POSITION.test(line) ? `${this.#folder}/${line}` : line;
  }
}
