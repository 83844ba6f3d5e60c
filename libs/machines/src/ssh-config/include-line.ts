const COMMENT = '# The next line was added by build-machines: `ssh <machine>` works by it.';

/** The user's configuration with our Include at its top, where it stands outside every Host block. The rest stays. */
export function withInclude(text: string, pattern: string): string {
  const addition = `${COMMENT}\nInclude ${pattern}\n`;
  return text.includes(`Include ${pattern}\n`) ? text : addition + text;
}

/** The user's configuration without our Include; exactly the text from before where nobody changed the two lines. */
export function withoutInclude(text: string, pattern: string): string {
  return text.replace(`${COMMENT}\n`, '').replace(`Include ${pattern}\n`, '');
}
