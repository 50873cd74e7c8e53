// node lint.mjs
//
// Holds the document that `nexus openapi` prints to the linter's recommended rules.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './shop.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

function lint(file) {
  return new Promise((done, failed) => {
    const linter = join(here, 'node_modules/@redocly/cli/bin/cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const child = spawn(process.execPath, [linter, 'lint', file, '--config', join(here, 'redocly.yaml')], { env, stdio: 'inherit' });
    child.on('error', failed);
    child.on('close', done);
  });
}

const folder = await mkdtemp(join(tmpdir(), 'nexus-openapi-'));
try {
  const printed = await run(['openapi'], { env: { NEXUS_HOME: folder } });
  if (printed.code !== 0) throw new Error(`nexus openapi ended with ${printed.code}: ${printed.errors}`);
  const file = join(folder, 'openapi.json');
  await writeFile(file, printed.output);
  process.exitCode = await lint(file);
} finally {
  await rm(folder, { recursive: true, force: true });
}
