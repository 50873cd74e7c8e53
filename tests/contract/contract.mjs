// node contract.mjs
//
// Starts a shop, walks its whole contract (walk.mjs), stops it, and proves that its books are true afterwards.
import { randomBytes } from 'node:crypto';

import { Shop } from './shop.mjs';
import { walk } from './walk.mjs';

// Of a shop to which nothing of Chapa is configured: it is simulated then. Any CHAPA_ variable would turn to the real one.
const webhookSecret = 'development-webhook-secret';
const email = 'staff@example.com';
const password = randomBytes(18).toString('base64url');

async function accessToken(url) {
  const answer = await fetch(`${url}/api/v1/auth/jwt/create/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 200) throw new Error(`the superuser cannot sign in: ${await answer.text()}`);
  return (await answer.json()).access;
}

async function succeed(what, command) {
  const { code, output, errors } = await command;
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${output}${errors}`);
}

const shop = await Shop.start();
try {
  await succeed('nexus createsuperuser', shop.run(['createsuperuser', '--email', email, '--password-stdin'], `${password}\n`));
  const faults = await walk({ url: shop.url, staffToken: await accessToken(shop.url), webhookSecret });
  const code = await shop.stop();
  if (code !== 0) faults.push(`nexus serve ended with ${code}`);
  await succeed('nexus audit', shop.run(['audit']));
  if (faults.length > 0) {
    console.error(`\n${faults.length} breaches of the contract:\n\n${faults.join('\n')}`);
    if (shop.log) console.error(`\nThe server's log:\n${shop.log.slice(-8_000)}`);
    process.exitCode = 1;
  }
} finally {
  await shop.stop();
  await shop.remove();
}
