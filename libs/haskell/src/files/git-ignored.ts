import ignore, { type Ignore } from 'ignore';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Tells whether git ignores a path, by the .gitignore files from its folder up to the folder of the repository. Files
 * outside of a repository are judged by the .gitignore files above them all the same. Answers are kept, so an instance
 * is for one pass over a workspace.
 */
export class GitIgnoreRules {
  private readonly rules = new Map<string, Ignore | null>();

  /** @param path absolute path of a file */
  ignores(path: string): boolean {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const verdict = this.rulesOf(folder)?.test(relative(folder, path).split(sep).join('/'));
      if (verdict?.ignored === true) return true;
      if (verdict?.unignored === true || folder === dirname(folder) || existsSync(join(folder, '.git'))) return false;
    }
  }

  private rulesOf(folder: string): Ignore | null {
    const known = this.rules.get(folder);
    if (known !== undefined) return known;
    const file = join(folder, '.gitignore');
    const rules = existsSync(file) ? ignore().add(readFileSync(file, 'utf8')) : null;
    this.rules.set(folder, rules);
    return rules;
  }
}
