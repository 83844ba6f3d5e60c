/** What git prints, and githash passes on, where there is no repository. */
const NO_REPOSITORY = /\bnot a git repository\b/;

/** What to do where a program that is compiled on the machine asked git in vain; undefined where none did. */
export function gitAdvice(output: string, gitInfo: boolean | undefined): string | undefined {
  if (gitInfo === true || !NO_REPOSITORY.test(output)) return undefined;
  return 'The machine gets the sources without their git repository. Set "gitInfo": true in the options of the plugin build-machines in nx.json: runs then find the commit, its branch and its tags.';
}
