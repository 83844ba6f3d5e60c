/**
 * A path as a glob of Nx that matches it alone. Signs that a glob would read stand in brackets. Only `!`, `(` and `)` have no
 * exact form in Nx's globs (nx 23.2.1, native/glob.rs reads them before the brackets), so `?` stands for them: the glob
 * matches the path and perhaps a neighbour that differs in that sign, and never less.
 * @param stars whether `*` is a pattern, as it is in package descriptions
 */
export function literalGlob(path: string, { stars = false } = {}): string {
  return path.replace(stars ? /[?[\]{}!()@+|,\\]/g : /[*?[\]{}!()@+|,\\]/g, (sign) => {
    if ('!()'.includes(sign)) return '?';
    return sign === '\\' ? '[\\\\]' : `[${sign}]`;
  });
}
