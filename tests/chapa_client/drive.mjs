// Drives the Chapa simulator with an independent client, chapa-nodejs, through every call that both have, and says
// where an answer differs from what Chapa's wire promises (docs/chapa.md). Exits with 1 where one does.
//
//   node drive.mjs BASE_URL SECRET [WEBHOOK_SECRET PORT]
//
// BASE_URL ends in /v1. PORT is where the simulator posts its webhooks, or fd:N for a listening socket that is handed
// over; without it webhooks are not looked at.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import chapaModule from 'chapa-nodejs';

const { Chapa } = chapaModule;
const [baseUrl, secret, webhookSecret, webhookPlace] = process.argv.slice(2);
if (!baseUrl || !secret) {
  console.error('usage: node drive.mjs BASE_URL SECRET [WEBHOOK_SECRET PORT]');
  process.exit(2);
}

const patience_ms = 20_000;

function client(secretKey) {
  const made = new Chapa({ secretKey, webhookSecret: webhookSecret ?? 'unused' });
  made.axiosInstance.defaults.baseURL = baseUrl;
  made.axiosInstance.defaults.proxy = false;
  return made;
}

// The shop: keeps what it is told until somebody asks for it.
class Shop {
  #told = [];
  #waiting = [];

  async listen(place) {
    const server = createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.end();
        this.#told.push({ method: request.method, url: new URL(request.url, 'http://shop'), headers: request.headers,
                          body: Buffer.concat(parts).toString('utf8') });
        this.#waiting.forEach((look) => look());
      });
    });
    server.listen(place);
    await once(server, 'listening');
    this.url = `http://127.0.0.1:${server.address()?.port}`;
    server.unref();
    return this;
  }

  next(what, wanted) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the shop was not told: ${what}`)), patience_ms);
      const look = () => {
        const at = this.#told.findIndex(wanted);
        if (at < 0) return;
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(this.#told.splice(at, 1)[0]);
      };
      this.#waiting.push(look);
      look();
    });
  }
}

const chapa = client(secret);
const callbacks = await new Shop().listen({ port: 0, host: '127.0.0.1' });
let webhooks;
if (webhookPlace) {
  const handed = /^fd:(\d+)$/.exec(webhookPlace);
  webhooks = await new Shop().listen(handed ? { fd: Number(handed[1]) } : { port: Number(webhookPlace), host: '127.0.0.1' });
}

const checks = [];
const check = (name, run) => checks.push({ name, run });

const refused = (status, message) => (error) => {
  assert.equal(error.name, 'HttpException');
  assert.equal(error.status, status, `status of: ${error.message}`);
  if (message !== undefined) assert.equal(error.message, message);
  return true;
};

// HttpException makes text of the message; the fields are seen on the wire alone.
const complaint = (fields) => async () => {
  const answer = await chapa.axiosInstance.post('/transaction/initialize',
    { amount: '100', currency: 'ETB', tx_ref: chapa.genTxRef(), ...fields }, { validateStatus: () => true });
  assert.equal(answer.status, 400);
  assert.equal(answer.data.status, 'failed');
  assert.equal(answer.data.data, null);
  return answer.data.message;
};

async function open(more = {}) {
  const tx_ref = chapa.genTxRef();
  const answer = await chapa.initialize({ amount: '100', currency: 'ETB', tx_ref,
                                          callback_url: `${callbacks.url}/callback`, ...more });
  assert.equal(answer.message, 'Hosted Link');
  assert.equal(answer.status, 'success');
  assert.deepEqual(Object.keys(answer.data), ['checkout_url']);
  assert.match(answer.data.checkout_url, /^https?:\/\/.+\/checkout\/payment\/[A-Za-z0-9_-]+$/);
  return { tx_ref, page: answer.data.checkout_url };
}

const submit = (page, fields) =>
  fetch(page, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

const called_back = (tx_ref, status) =>
  callbacks.next(`callback ${tx_ref} ${status}`, ({ method, url }) =>
    method === 'GET' && url.searchParams.get('trx_ref') === tx_ref && url.searchParams.get('status') === status);

async function hooked(tx_ref, event, status) {
  if (!webhooks) return;
  const { body, headers } = await webhooks.next(`webhook ${tx_ref} ${event}`, (told) =>
    told.method === 'POST' && JSON.parse(told.body).tx_ref === tx_ref && JSON.parse(told.body).event === event);
  assert.ok(chapa.verifyWebhook(body, headers['x-chapa-signature']), 'x-chapa-signature signs the raw body');
  assert.ok(!chapa.verifyWebhook(`${body} `, headers['x-chapa-signature']), 'and no other');
  assert.ok(!chapa.verifyWebhook(body, headers['chapa-signature']), 'chapa-signature signs no body');
  assert.equal(headers['chapa-signature'], createHmac('sha256', webhookSecret).update(webhookSecret).digest('hex'));
  const told = JSON.parse(body);
  assert.deepEqual(Object.keys(told).sort(), [
    'amount', 'charge', 'created_at', 'currency', 'customization', 'email', 'event', 'failure_reason', 'first_name',
    'last_name', 'meta', 'mobile', 'mode', 'payment_method', 'reference', 'status', 'tx_ref', 'type', 'updated_at']);
  assert.equal(told.amount, '100.00');
  assert.equal(told.status, status);
  assert.match(told.mobile, /^251[79]\d{8}$/);
  assert.equal(told.mode, 'test');
  assert.equal(told.type, 'API');
}

async function paid(more = {}) {
  const made = await open({ return_url: `${callbacks.url}/thanks`, ...more });
  const answer = await submit(made.page, { mobile: '0900123456', action: 'pay' });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('location'), `${callbacks.url}/thanks`);
  await called_back(made.tx_ref, 'success');
  await hooked(made.tx_ref, 'charge.success', 'success');
  return made;
}

check('a wrong key is refused', async () => {
  await assert.rejects(client('CHASECK_TEST-wrong').getBanks(), refused(401, "Invalid API Key or User doesn't exist"));
  const answer = await fetch(`${baseUrl}/banks`);
  assert.equal(answer.status, 401);
  assert.deepEqual(await answer.json(), { message: 'Authorization required', status: 'failed', data: null });
});

check('banks', async () => {
  const { data } = await chapa.getBanks();
  assert.ok(data.length > 0);
  for (const bank of data) {
    assert.equal(typeof bank.id, 'number');
    assert.equal(typeof bank.name, 'string');
    assert.equal(typeof bank.acct_length, 'number');
    assert.equal(bank.currency, 'ETB');
  }
});

check('initialize refuses a reference used before', async () => {
  const { tx_ref } = await open();
  await assert.rejects(chapa.initialize({ amount: '1', currency: 'ETB', tx_ref }),
    refused(400, 'Transaction reference has been used before'));
});

check('initialize refuses an unknown currency', () =>
  assert.rejects(chapa.initialize({ amount: '1', currency: 'EUR', tx_ref: chapa.genTxRef() }),
    refused(400, 'Invalid currency, EUR is not supported')));

check('initialize names the fields at fault', async () => {
  assert.deepEqual(await complaint({ amount: '0' })(), { amount: ['validation.min.numeric'] });
  assert.deepEqual(await complaint({ amount: '-1' })(), { amount: ['validation.min.numeric'] });
  assert.deepEqual(await complaint({ amount: '1,000' })(), { amount: ['validation.numeric'] });
  assert.deepEqual(await complaint({ amount: '1000001' })(), { amount: ['The amount must not exceed 1000000.'] });
  assert.deepEqual(await complaint({ amount: undefined })(), { amount: ['validation.required'] });
  assert.deepEqual(await complaint({ email: 'nobody' })(), { email: ['validation.email'] });
  assert.deepEqual(await complaint({ tx_ref: 'x'.repeat(51) })(),
    { tx_ref: ['The tx ref must not exceed 50 characters.'] });
  assert.ok((await complaint({ customization: { title: 'x'.repeat(17) } })())['customization.title']);
  assert.ok((await complaint({ customization: { description: 'a, b' } })())['customization.description']);
  assert.ok((await complaint({ phone_number: '12345' })()).phone_number);
});

check('verify of an unknown reference', () =>
  assert.rejects(chapa.verify({ tx_ref: chapa.genTxRef() }), refused(400, 'Invalid transaction reference')));

check('an unpaid transaction is pending', async () => {
  const { tx_ref } = await open();
  const answer = await chapa.verify({ tx_ref });
  assert.equal(answer.status, 'success');
  assert.equal(answer.data.status, 'pending');
  assert.equal(answer.data.method, null);
  assert.equal(answer.data.charge, null);
  assert.ok(!answer.data.reference);
});

check('a payment, from the page to verify', async () => {
  const customization = { title: 'Shoes', description: 'Order A-1' };
  const { tx_ref, page } = await open({ email: 'abebe@example.com', first_name: 'Abebe', last_name: 'Bikila',
                                        phone_number: '0911223344', customization });
  const form = await (await fetch(page)).text();
  for (const part of ['name="mobile"', 'value="pay"', 'value="cancel"', 'Shoes', '100.00']) assert.ok(form.includes(part), part);

  const declined = await submit(page, { mobile: '0911111111', action: 'pay' });
  assert.ok(declined.status >= 400 && declined.status < 500);
  await called_back(tx_ref, 'failed');
  await hooked(tx_ref, 'charge.failed/cancelled', 'failed');
  assert.equal((await chapa.verify({ tx_ref })).data.status, 'failed');

  assert.equal((await submit(page, { mobile: '0900112233', action: 'pay' })).status, 200); // no return_url was given
  const told = await called_back(tx_ref, 'success');
  await hooked(tx_ref, 'charge.success', 'success');
  const { message, status, data } = await chapa.verify({ tx_ref });
  assert.equal(message, 'Payment details fetched successfully');
  assert.equal(status, 'success');
  assert.equal(data.status, 'success');
  assert.equal(data.tx_ref, tx_ref);
  assert.strictEqual(data.amount, 100);
  assert.strictEqual(data.charge, 3.5);
  assert.equal(data.currency, 'ETB');
  assert.equal(data.mode, 'test');
  assert.equal(data.method, 'test');
  assert.equal(data.type, 'API');
  assert.equal(data.email, 'abebe@example.com');
  assert.equal(data.first_name, 'Abebe');
  assert.equal(data.customization.title, 'Shoes');
  assert.equal(data.meta, null);
  assert.match(data.reference, /^[A-Za-z0-9]{8,}$/);
  assert.equal(told.url.searchParams.get('ref_id'), data.reference);
  assert.match(data.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

check('every test phone pays', async () => {
  for (const mobile of ['0900123456', '0900112233', '0900881111', '0700123456', '0700112233', '0700881111']) {
    const { page, tx_ref } = await open();
    assert.equal((await submit(page, { mobile, action: 'pay' })).status, 200, mobile);
    assert.equal((await chapa.verify({ tx_ref })).data.status, 'success', mobile);
  }
});

check('the payer cancels', async () => {
  const { tx_ref, page } = await open({ phone_number: '0911223344' });
  await submit(page, { mobile: '', action: 'cancel' });
  await called_back(tx_ref, 'cancelled');
  await hooked(tx_ref, 'charge.failed/cancelled', 'cancelled');
  assert.equal((await chapa.verify({ tx_ref })).data.status, 'cancelled');
});

check('the merchant cancels', async () => { // a call that the client has not
  const { tx_ref, page } = await open();
  const put = (ref) => chapa.axiosInstance.put(`/transaction/cancel/${ref}`, undefined, { validateStatus: () => true });
  const first = await put(tx_ref);
  assert.deepEqual([first.status, first.data.message], [200, 'Checkout link expired successfully']);
  const second = await put(tx_ref);
  assert.deepEqual([second.status, second.data.message], [400, 'Payment link already expired']);
  const unknown = await put(chapa.genTxRef());
  assert.deepEqual([unknown.status, unknown.data.message], [404, 'Payment link not found']);
  assert.equal((await chapa.verify({ tx_ref })).data.status, 'pending');
  assert.equal((await fetch(page)).status, 410);
});

check('a refund, by either reference, until it is paid out', async () => {
  const { tx_ref } = await paid();
  const { reference } = (await chapa.verify({ tx_ref })).data;
  const part = await chapa.refund({ tx_ref: reference, amount: '40', reason: 'broken',
                                    meta: { customer_id: '7', reference: 'line-2' } });
  assert.equal(part.message, 'Refund initiated successfully. Processing time: 1-3 business days');
  assert.equal(part.status, 'success');
  assert.deepEqual(Object.keys(part.data).sort(), [
    'amount', 'bank_reference', 'chapa_reference', 'created_at', 'currency', 'id', 'merchant_reference', 'reason', 'ref',
    'status', 'updated_at']);
  assert.equal(part.data.amount, '40.00');
  assert.equal(part.data.chapa_reference, reference);
  assert.equal(part.data.status, 'Refund Initiated');
  assert.equal(part.data.reason, 'broken');
  await assert.rejects(chapa.refund({ tx_ref, amount: '60.01' }), refused(400));
  assert.equal((await chapa.refund({ tx_ref })).data.amount, '60.00');
  await assert.rejects(chapa.refund({ tx_ref }), refused(400));

  const seen = new Set();
  for (const until = Date.now() + patience_ms; !seen.has('refunded') && Date.now() < until;) {
    const answer = await chapa.axiosInstance.get(`/refund/${part.data.ref}/verify`);
    seen.add(answer.data.data.status);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.ok(seen.has('refunded'), [...seen].join(', '));
  for (const status of seen) assert.ok(['initiated', 'processing', 'refunded'].includes(status), status);
  await hooked(tx_ref, 'charge.refunded', 'refunded');
});

check('a refund of what is unpaid or unknown', async () => {
  const { tx_ref } = await open();
  await assert.rejects(chapa.refund({ tx_ref }), refused(400));
  await assert.rejects(chapa.refund({ tx_ref: chapa.genTxRef() }), refused(404));
});

check('transactions', async () => {
  const { tx_ref } = await paid();
  const { message, status, data } = await chapa.getTransactions();
  assert.equal(message, 'Transactions retrieved successfully');
  assert.equal(status, 'success');
  assert.equal(data.pagination.current_page, 1);
  const mine = data.transactions.find((each) => each.trans_id === tx_ref);
  assert.ok(mine, 'the newest is on the first page');
  assert.equal(mine.amount, '100.000');
  assert.equal(mine.charge, '3.500');
  assert.equal(mine.status, 'success');
  const log = await chapa.getTransactionLogs({ ref_id: mine.ref_id });
  assert.ok(log.data.length >= 2);
  assert.equal(log.data[0].type, 'log');
});

check('mobileInitialize is initialize for an app', async () => {
  const tx_ref = chapa.genTxRef();
  const answer = await chapa.mobileInitialize({ amount: '100', currency: 'ETB', tx_ref });
  assert.equal(answer.message, 'Hosted Link');
  assert.equal((await fetch(answer.data.checkout_url)).status, 200);
  assert.equal((await chapa.verify({ tx_ref })).data.status, 'pending');
});

check('a wallet is charged directly', async () => {
  const charge = (mobile) => chapa.directCharge({ mobile, currency: 'ETB', amount: '100', tx_ref: chapa.genTxRef(),
                                                  type: 'telebirr' });
  const { message, status, data } = await charge('0900123456');
  assert.equal(message, 'Charge initiated');
  assert.equal(status, 'success');
  assert.equal(data.auth_type, 'ussd');
  assert.equal(data.meta.payment_status, 'PENDING');
  const done = await chapa.authorizeDirectCharge({ reference: data.meta.ref_id, client: 'encrypted', type: 'telebirr' });
  assert.equal(done.message, 'Payment is completed');
  assert.ok(done.processor_id);
  assert.equal((await chapa.verify({ tx_ref: done.trx_ref })).data.status, 'success');
  await hooked(done.trx_ref, 'charge.success', 'success');
  await assert.rejects(chapa.authorizeDirectCharge({ reference: data.meta.ref_id, client: 'x', type: 'telebirr' }),
    refused(400)); // it is over
  const declined = await charge('0911223344');
  await assert.rejects(
    chapa.authorizeDirectCharge({ reference: declined.data.meta.ref_id, client: 'x', type: 'telebirr' }), refused(400));
  await assert.rejects(chapa.authorizeDirectCharge({ reference: 'none', client: 'x', type: 'telebirr' }), refused(404));
});

const recipient = (more = {}) => ({ account_name: 'Abebe Bikila', account_number: '1000123456789', amount: '250.50',
                                    currency: 'ETB', reference: chapa.genTxRef(), bank_code: 946, ...more });

check('a transfer is queued and paid out', async () => {
  const wanted = recipient();
  const queued = await chapa.transfer(wanted);
  assert.equal(queued.message, 'Transfer Queued Successfully');
  assert.equal(queued.status, 'success');
  assert.equal(queued.data, wanted.reference);
  let data;
  for (const until = Date.now() + patience_ms; data?.status !== 'success' && Date.now() < until;) {
    ({ data } = await chapa.verifyTransfer({ tx_ref: wanted.reference }));
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.equal(data.status, 'success');
  assert.strictEqual(data.amount, 250.5);
  assert.equal(data.bank_name, 'Commercial Bank of Ethiopia (CBE)');
  assert.equal(data.tx_ref, wanted.reference);
  assert.equal(data.mode, 'test');
  await assert.rejects(chapa.transfer(wanted), refused(400)); // a reference is used once
  await assert.rejects(chapa.transfer(recipient({ bank_code: 1 })), refused(400));
  await assert.rejects(chapa.verifyTransfer({ tx_ref: chapa.genTxRef() }), refused(404));
});

check('a bulk transfer, and the list of transfers', async () => {
  const bulk_data = [recipient(), recipient({ amount: '1' })].map(({ currency, ...each }) => each);
  const queued = await chapa.bulkTransfer({ title: 'Payroll', currency: 'ETB', bulk_data });
  assert.equal(queued.message, 'Bulk transfer queued successfully');
  assert.equal(typeof queued.data.id, 'number');
  const { status, data, meta } = await chapa.getTransfers();
  assert.equal(status, 'success');
  assert.equal(meta.current_page, 1);
  assert.ok(meta.total >= 2);
  for (const { reference, amount } of bulk_data)
    assert.equal(data.find((each) => each.reference === reference)?.amount, Number(amount));
  const batch = await chapa.axiosInstance.get(`/transfers?batch_id=${queued.data.id}`);
  assert.equal(batch.data.meta.total, 2);
  await assert.rejects(chapa.bulkTransfer({ title: 'Again', currency: 'ETB', bulk_data }), refused(400));
});

check('a subaccount', async () => {
  const wanted = { business_name: 'Shoes', account_name: 'Abebe Bikila', bank_code: 946, account_number: '1000123456789',
                   split_type: 'percentage', split_value: 0.05 };
  const made = await chapa.createSubaccount(wanted);
  assert.equal(made.status, 'success');
  assert.ok(made.data);
});

let failures = 0;
for (const { name, run } of checks) {
  try {
    await run();
    console.log(`ok      ${name}`);
  } catch (fault) {
    ++failures;
    console.log(`FAILED  ${name}\n${fault.stack}`);
  }
}
console.log(`${checks.length - failures} of ${checks.length} as promised${webhooks ? '' : ' (webhooks were not looked at)'}`);
process.exit(failures === 0 ? 0 : 1);
