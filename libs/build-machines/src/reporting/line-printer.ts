/**
 * Prints text that comes in pieces as whole lines, each with a name in front; empty lines are left out. What follows the
 * last line end waits for the rest of its line.
 */
export function linePrinter(name: string, out: Pick<NodeJS.WritableStream, 'write'>): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') out.write(`${name.padEnd(10)} ${line}\n`);
  };
}
