import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a program with the command line and the configuration of the agent that answers every request on its socket
 * with the HOME and the process number that it runs with. What a provider does with an agent can be seen by it; what an
 * agent does is tested beside the agent.
 */
export async function writeStandInAgent(folder: string): Promise<string> {
  const file = join(folder, 'stand-in-agent.cjs');
  await writeFile(
    file,
    `const { rmSync, readFileSync, chmodSync } = require('node:fs');
const { createServer, request } = require('node:http');
const config = JSON.parse(readFileSync(process.argv[process.argv.indexOf('--config') + 1], 'utf8'));
rmSync(config.socket, { force: true });
const server = createServer((incoming, answer) => {
  if (incoming.url !== '/hub')
    return answer.end(JSON.stringify({ name: config.name, home: process.env.HOME, pid: process.pid }));
  const asked = request(config.hub.url, (response) => response.pipe(answer));
  asked.on('error', (error) => { answer.statusCode = 502; answer.end(String(error)); });
  asked.end();
});
server.listen(config.socket, () => chmodSync(config.socket, 0o600));
`,
  );
  return file;
}
