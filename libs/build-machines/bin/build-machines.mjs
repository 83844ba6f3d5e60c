#!/usr/bin/env node
// Is there before the build, so that npm links the command in a checkout too.
import '../dist/cli.cjs';
