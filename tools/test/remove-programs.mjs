import { rmSync } from 'node:fs';

/** Removes what build-programs.mjs made. */
export default function removePrograms() {
  rmSync(process.env.BUILD_MACHINES_TEST_PROGRAMS, { recursive: true, force: true });
}
