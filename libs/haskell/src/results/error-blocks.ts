/** Consecutive lines of an output, counted from 0. */
export interface ErrorBlock {
  readonly first: number;
  readonly lines: readonly string[];
}

/** Where GHC, or a tool in its manner, begins a message: `src/A.hs:3:5: error:`, `<no location info>: error:`. */
const DIAGNOSTIC =
  /^(?:\S.*?:\d+(?::\d+(?:-\d+)?)?:|\S.*?:\(\d+,\d+\)-\(\d+,\d+\):|<[^>]+>:)\s*(?:\([^)]*\)\s*)?(?:fatal )?(?:error|panic)\b/i;

/** Messages of cabal, of Setup, of linkers and other tools, of test suites, and of the agent. */
const OTHER =
  /^(?:(?:cabal|setup|ghc|hpack)(?:-[\d.]+)?(?:\.exe)?: |Error: |`?\S*(?:gcc|cc|clang|ld(?:\.\w+)?|collect2|hsc2hs|alex|happy|c2hs)'?(?:\(|:| failed)|Benchmark .*: ERROR|\[build-machines\] )/;

/** What cabal says of a suite, behind what the suite itself printed last where that has no line break. */
const FAILED_SUITE = /Test suite \S+: FAIL$/;

/** Lines that are certainly no part of a message. */
const END =
  /^(?:Configuring |Preprocessing |Building |Linking |Running |Documentation created|In order, the following|Test suite |\[ *\d+ of +\d+\] |\S.*?:\d+:\d+(?:-\d+)?: warning\b)/;

/**
 * The messages in an output that say what went wrong: compiler errors with all their lines, and what cabal and other
 * tools print as an error. An output may hold none that is recognised.
 */
export function errorBlocks(lines: readonly string[]): ErrorBlock[] {
  const blocks: { first: number; lines: string[] }[] = [];
  let open = false;
  for (const [index, line] of lines.entries()) {
    if (DIAGNOSTIC.test(line) || OTHER.test(line) || FAILED_SUITE.test(line)) {
      blocks.push({ first: index, lines: [line] });
      open = true;
    } else if (open && endsBefore(line, lines[index + 1])) open = false;
    else if (open) blocks.at(-1)?.lines.push(line);
  }
  return blocks;
}

/** Messages have empty lines in them; after one, only what is indented goes on. */
function endsBefore(line: string, next: string | undefined): boolean {
  return END.test(line) || (line.trim() === '' && !/^\s+\S/.test(next ?? ''));
}
