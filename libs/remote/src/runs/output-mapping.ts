/**
 * Rewrites the mirror's path to the workspace's in a stream of text that arrives in chunks, so that the diagnostics of a
 * compiler can be clicked on. A path that is split over chunks is found too: what may be the beginning of one is held
 * back until more text decides it, or until {@link OutputMapper.flush}.
 */
export class OutputMapper {
  readonly #from: string;
  readonly #to: string;
  #held = '';

  /** @param mirrorRoot absolute path on the machine; @param workspaceRoot what to show instead */
  constructor(mirrorRoot: string, workspaceRoot: string) {
    this.#from = mirrorRoot.replace(/\/+$/, '');
    this.#to = workspaceRoot.replace(/\/+$/, '');
  }

  /** The text to show now; may be empty. */
  push(chunk: string): string {
    if (this.#from === '') return chunk;
    const text = this.#held + chunk;
    let shown = '';
    let from = 0;
    for (let at = text.indexOf(this.#from); at !== -1; at = text.indexOf(this.#from, from)) {
      const next = text[at + this.#from.length];
      if (next === undefined) break;
      shown += text.slice(from, at) + (endsPath(next) ? this.#to : this.#from);
      from = at + this.#from.length;
    }
    const keep = this.#undecided(text, from);
    shown += text.slice(from, text.length - keep);
    this.#held = text.slice(text.length - keep);
    return shown;
  }

  /** What was held back; called when no more text follows, or none for a while. */
  flush(): string {
    const held = this.#held === this.#from ? this.#to : this.#held;
    this.#held = '';
    return held;
  }

  /** Length of the longest end of the text that may turn out to begin, or be, the mirror's path. */
  #undecided(text: string, from: number): number {
    const longest = Math.min(this.#from.length, text.length - from);
    for (let length = longest; length > 0; length--) if (text.endsWith(this.#from.slice(0, length))) return length;
    return 0;
  }
}

/** Whether a character after the mirror's path ends that folder's name: `/m/ws-2` is another folder than `/m/ws`. */
function endsPath(next: string): boolean {
  return !/[\w.-]/.test(next);
}
