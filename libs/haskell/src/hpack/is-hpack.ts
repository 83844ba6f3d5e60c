import { isRecord, type ReadText, readYaml } from './read-yaml.js';

/** Keys that only hpack gives a meaning; those that it shares with package managers of other languages are not here. */
const HPACK_ONLY = [
  ...['library', 'internal-libraries', 'executable', 'executables', 'tests', 'benchmarks', 'custom-setup'],
  ...['defaults', 'when', 'verbatim', 'build-type', 'ghc-options', 'default-extensions', 'source-dirs', 'build-tools'],
  ...['extra-source-files', 'extra-doc-files', 'data-files', 'license-file', 'tested-with', 'spec-version', 'language'],
];
const WRITTEN = new RegExp(`^(<<\\s*:\\s*!include\\b|(${HPACK_ONLY.join('|')})\\s*:)`, 'm');

/**
 * Whether a package.yaml is one of hpack's: pnpm reads files of that name, too. A file that is broken is judged by the keys
 * that stand at the beginning of its lines.
 */
export function isHpackText(text: string, file: string, read: ReadText): boolean {
  if (WRITTEN.test(text)) return true;
  try {
    const { value } = readYaml(text, file, read);
    return isRecord(value) && HPACK_ONLY.some((key) => key in value);
  } catch {
    return false;
  }
}
