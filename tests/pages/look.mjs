// Looks at the pages for people in a real browser, at the width of a phone, in every language that they have: takes a
// picture of each, and says what axe-core finds wrong. Exits with 1 where it finds anything, and where a page loads
// something besides itself.
//
//   node look.mjs NEXUS FOLDER [CHROMIUM]
//
// NEXUS: the program; it is run on a home of its own. FOLDER: where the pictures go.
import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const [program, folder, chromium = '/usr/bin/chromium'] = process.argv.slice(2);
if (!program || !folder) {
  console.error('usage: node look.mjs NEXUS FOLDER [CHROMIUM]');
  process.exit(2);
}

const phone = { width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const languages = { en: 'en-US,en;q=0.9', am: 'am-ET,am;q=0.9,en;q=0.5' };
const axe_source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// A shop to try, and where it and its Chapa are.
async function open_shop() {
  const home = await mkdtemp(join(tmpdir(), 'nexus-pages-'));
  await chmod(home, 0o755); // its database's user must get in
  const outside = /^(NEXUS_|CHAPA_|DATABASE_URL|REDIS_URL|SMTP_URL|ORDER_)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outside.test(name)));
  const server = spawn(program, ['serve', '--sample-data'],
    { env: { ...env, NEXUS_HOME: home, NEXUS_LISTEN: '127.0.0.1:0', NEXUS_LOG_LEVEL: 'error' }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const [, url, chapa] = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the shop is not ready: ${said}`)), 90_000);
    server.on('exit', () => reject(new Error(`the shop has ended: ${said}`)));
    server.stdout.on('data', (part) => {
      said += part;
      const found = /ready at (\S+)[\s\S]*simulated at (\S+)\/v1 /.exec(said);
      if (found) { clearTimeout(late); resolve(found); }
    });
  });
  const close = async () => {
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.removeAllListeners('exit');
    server.on('exit', () => {});
    server.kill('SIGTERM');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { url, chapa, close };
}

async function ask(method, url, body) {
  const answer = await fetch(url, { method, redirect: 'manual', headers: body ? { 'Content-Type': 'application/json' } : {},
                                    body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

async function payment(shop) {
  const api = `${shop.url}/api/v1`;
  const { results } = await ask('GET', `${api}/catalogue/products/?page_size=1`);
  const product = await ask('GET', `${api}/catalogue/products/${results[0].id}/`);
  const cart = await ask('POST', `${api}/cart/`);
  await ask('POST', `${api}/cart/${cart.id}/items/`, { variant_id: product.variants[0].id, quantity: 1 });
  const order = await ask('POST', `${api}/orders/`, {
    cart_id: cart.id, email: 'abebe@example.com',
    shipping_address: { full_name: 'Abebe Bikila', line1: 'Bole Road 12', city: 'Addis Ababa', country: 'ET',
                        phone_number: '0911121314' } });
  return ask('POST', `${api}/payment/initiate/${order.id}/`);
}

// What leads to each state that a payer may find.
const force = (status) => (shop, tx_ref) =>
  ask('POST', `${shop.chapa}/_control/transactions/${tx_ref}`, { status, tell: false });
const states = {
  pending: async () => {},
  success: force('success'),
  failed: force('failed'),
  cancelled: force('cancelled'),
  refund_required: async (shop, tx_ref) => {
    await ask('POST', `${shop.chapa}/_control/faults`, { at: 'verify', fault: 'other_amount', value: '1.00', tx_ref });
    await force('success')(shop, tx_ref);
  },
};

let faults = 0;
const complain = (what) => { ++faults; console.log(`WRONG   ${what}`); };

async function look(browser, name, url, language) {
  const page = await browser.newPage();
  await page.setViewport(phone);
  await page.setBypassCSP(true); // for axe alone
  await page.setExtraHTTPHeaders({ 'Accept-Language': languages[language] });
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  const answer = await page.goto(url, { waitUntil: 'load' });
  const label = `${name}, ${language}`;
  const others = requests.filter((each) => each !== url && !each.startsWith('data:') && !each.endsWith('/favicon.ico'));
  if (others.length > 0) complain(`${label}: loads ${others.join(', ')}`);
  const bytes = Buffer.byteLength(await answer.text());
  await page.screenshot({ path: join(folder, `${name}-${language}.png`), fullPage: true });
  await page.evaluate(axe_source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, help, nodes } of violations)
    complain(`${label}: ${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`);
  const seen = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    width: document.documentElement.scrollWidth,
    refreshes: document.querySelector('meta[http-equiv=refresh]')?.content,
    text: document.querySelector('main')?.innerText ?? '' }));
  if (seen.width > phone.width) complain(`${label}: is ${seen.width} px wide on a phone of ${phone.width}`);
  await page.close();
  console.log(`${violations.length === 0 ? 'ok     ' : 'WRONG  '} ${label}: ${answer.status()}, ${bytes} bytes, lang=${seen.lang}` +
              `${seen.refreshes ? `, refreshes (${seen.refreshes})` : ''}`);
  return seen;
}

await mkdir(folder, { recursive: true });
const shop = await open_shop();
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  for (const [state, lead] of Object.entries(states)) {
    const { tx_ref, payment_url } = await payment(shop);
    await lead(shop, tx_ref);
    const texts = {};
    for (const language of Object.keys(languages)) {
      const seen = await look(browser, state, `${shop.url}/api/v1/payment/verify/${tx_ref}/`, language);
      if (seen.lang !== language) complain(`${state}: asked for ${language}, got ${seen.lang}`);
      texts[language] = seen.text;
      if (state === 'pending' && !seen.refreshes) complain('pending: does not look again by itself');
      if (state === 'success' && seen.refreshes) complain('success: looks again, though it is the end');
    }
    if (texts.en === texts.am) complain(`${state}: says the same in both languages`);
    if (state === 'pending') await look(browser, 'simulator-checkout', payment_url, 'en');
    if (state === 'success') await look(browser, 'simulator-transaction', `${shop.chapa}/transactions/${tx_ref}`, 'en');
  }
  await look(browser, 'simulator', `${shop.chapa}/`, 'en');
} finally {
  await browser.close();
  await shop.close();
}
console.log(faults === 0 ? `No violations; the pictures are in ${folder}` : `${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
