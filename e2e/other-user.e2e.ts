import { join } from 'node:path';
import { filesNamed } from './support/digests.js';
import { copyExample } from './support/example.js';
import { journey } from './support/journey.js';
import { succeeded } from './support/nx-output.js';
import { addUser, mayActAsOthers, removeUser } from './support/other-user.js';
import { nx, runIn } from './support/workspace.js';
import type { OtherUser } from './support/workstation.js';

// Only root can become somebody else; an ordinary user who runs the tests proves the same with first-hour.e2e.ts.
const asRoot = mayActAsOthers ? describe : describe.skip;

asRoot('the first hour of an ordinary user', () => {
  let user: OtherUser | undefined;
  beforeAll(() => {
    user = addUser();
  });
  const workspace = journey({ user: () => user, prepare: copyExample });
  afterAll(() => {
    if (user !== undefined) removeUser(user);
  });

  it('builds, tests, fetches and runs without any privilege', async () => {
    succeeded(await nx(workspace(), ['run', 'hello-haskell:remote-build']));
    succeeded(await nx(workspace(), ['run', 'greetings:remote-test']));
    succeeded(await nx(workspace(), ['run', 'hello-haskell:fetch-artifacts']));
    const [program] = filesNamed(join(workspace().root, 'dist/remote/hello-haskell'), 'hello-haskell');
    const ran = succeeded(await runIn(workspace(), '.', program!, ['Grace']));
    expect(ran.output).toContain('Hello, Grace!');
  });
});
