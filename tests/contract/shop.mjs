// `nexus serve` on a home of its own, as somebody would try it: nothing configured, any free port.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const startWithinMs = 120_000;
const stopWithinMs = 60_000;

// What would lead to somebody's real services is not handed down.
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(NEXUS_|CHAPA_|DATABASE_URL|REDIS_URL|SMTP_URL|MAIL_FROM|ORDER_)/.test(name)));

export const program = resolve(process.env.NEXUS ?? join(here, '../../build/release/nexus'));

// What it said on both outputs and its exit code; never rejects for a code that is not 0.
export function run(args, { env = {}, input = '' } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { env: { ...inherited, ...env } });
    let output = '', errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', failed);
    child.on('close', (code) => done({ code, output, errors }));
    child.stdin.end(input);
  });
}

export class Shop {
  static async start(variables = {}) {
    const home = await mkdtemp(join(tmpdir(), 'nexus-contract-'));
    await chmod(home, 0o755); // the database's user must get in
    const shop = new Shop(home, { NEXUS_HOME: home, NEXUS_LISTEN: '127.0.0.1:0', NEXUS_LOG_LEVEL: 'warn', ...variables });
    try {
      await shop.#serve();
    } catch (failure) {
      await shop.stop();
      await shop.remove();
      throw failure;
    }
    return shop;
  }

  constructor(home, variables) {
    this.home = home;
    this.variables = variables;
    this.log = '';
  }

  #serve() {
    this.server = spawn(program, ['serve'], { env: { ...inherited, ...this.variables } });
    this.ended = new Promise((done) => this.server.on('close', (code, signal) => done(code ?? signal)));
    this.server.stderr.on('data', (chunk) => (this.log += chunk));
    return new Promise((done, failed) => {
      const late = setTimeout(() => failed(new Error(`nexus serve is not ready:\n${this.log}`)), startWithinMs);
      let said = '';
      this.server.stdout.on('data', (chunk) => {
        said += chunk;
        const ready = /Nexus is ready at (\S+)\s/.exec(said);
        if (!ready) return;
        clearTimeout(late);
        this.url = ready[1];
        done();
      });
      this.ended.then((code) => failed(new Error(`nexus serve ended with ${code}:\n${this.log}`)));
    });
  }

  run(args, input) {
    return run(args, { env: this.variables, input });
  }

  // The exit code; SIGKILL where it does not end in time.
  async stop() {
    if (!this.server) return undefined;
    this.server.kill('SIGTERM');
    const late = setTimeout(() => this.server.kill('SIGKILL'), stopWithinMs);
    const code = await this.ended;
    clearTimeout(late);
    return code;
  }

  // Commands such as audit start the database themselves once the server is stopped: remove comes last.
  remove() {
    return rm(this.home, { recursive: true, force: true });
  }
}
