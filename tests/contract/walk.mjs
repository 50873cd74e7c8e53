// node walk.mjs BASE_URL STAFF_TOKEN [WEBHOOK_SECRET]
//
// Walks the OpenAPI document of a running shop: every operation is asked rightly, and wrongly in each way that the
// document lets one think of. Every answer must be one that the document names, and look as it says.
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';

import { faultsOfAnswer, isStrongTag } from './checks.mjs';
import { Document } from './document.mjs';
import { fixtures, further, World } from './fixtures.mjs';
import { forbiddenTexts, forbiddenValues, onlyRequired, sample } from './samples.mjs';

const mostRequests = 5_000;
const requestTimeoutMs = 30_000;
// These take whatever a payment provider may append to their address.
const takesAnyQuery = ['verify_payment', 'chapa_callback'];

class Walk {
  faults = [];
  statuses = new Map(); // operation -> the statuses that it gave
  requests = 0;

  constructor(document, world, customer) {
    Object.assign(this, { document, world, customer });
  }

  tell(operation, what, fault) {
    this.faults.push(`${operation.id} (${what}): ${fault}`);
  }

  async send(operation, request) {
    if (++this.requests > mostRequests) throw new Error(`more than ${mostRequests} requests`);
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(request.path?.[name] ?? `no-${name}`));
    const url = new URL(request.asPath ? request.asPath(path) : path, this.world.url);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.append(name, value);
    const headers = { Accept: 'application/json', ...request.headers };
    if (request.by) headers.Authorization = `Bearer ${request.by}`;
    const body = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    if (body !== undefined) headers['Content-Type'] ??= operation.mediaType ?? 'application/json';
    const answer = await fetch(url, {
      method: request.method ?? operation.method, headers, body, redirect: 'manual', signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await answer.text();
    const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0].trim();
    let json;
    try {
      json = mediaType.endsWith('json') ? JSON.parse(text) : undefined;
    } catch { /* stays undefined: the checks tell */ }
    return { status: answer.status, headers: answer.headers, mediaType, text, json };
  }

  // Sends, holds the answer to the document, and to what is expected: {status: number or list, code?, pointer?}.
  async expect(operation, what, request, expected) {
    const answer = await this.send(operation, request);
    const { status, json } = answer;
    this.statuses.set(operation.id, (this.statuses.get(operation.id) ?? new Set()).add(status));
    for (const fault of faultsOfAnswer(this.document, operation, answer)) this.tell(operation, what, fault);
    const wanted = [expected.status].flat();
    if (!wanted.includes(status)) this.tell(operation, what, `answered ${status}, not ${wanted.join(' or ')}: ${answer.text.slice(0, 300)}`);
    else if (expected.code && json?.code !== expected.code) this.tell(operation, what, `its code is ${json?.code}, not ${expected.code}`);
    else if (expected.mediaType && answer.mediaType !== expected.mediaType) this.tell(operation, what, `is ${answer.mediaType}`);
    else if (expected.pointer !== undefined && !names(json, expected.pointer))
      this.tell(operation, what, `no error at ${expected.pointer}: ${answer.text.slice(0, 300)}`);
    return answer;
  }

  // A request that must succeed; what it needs is made anew each time.
  async prepare(operation) {
    const request = await (fixtures[operation.id] ?? (async () => ({})))(this.world);
    request.by ??= operation.needsPermission ? this.world.staff : operation.isOpen ? undefined : this.customer.access;
    if (operation.bodySchema && request.raw === undefined) {
      request.body = { ...sample(this.document, operation.bodySchema), ...request.body };
      const wrong = this.document.faultsOf(operation.bodySchema, request.body);
      if (wrong) throw new Error(`${operation.id}: the sample does not fit its own schema: ${wrong}`);
    }
    return request;
  }

  async operation(operation) {
    const wrong = await this.prepare(operation);
    await this.access(operation, wrong);
    await this.addresses(operation, wrong);
    await this.query(operation, wrong);
    if (wrong.body !== undefined) await this.body(operation, wrong);
    if (operation.responses['412'])
      await this.expect(operation, 'another If-Match', { ...wrong, headers: { 'If-Match': '"no-such-tag"' } }, { status: 412, code: 'etag_mismatch' });
    await this.success(operation);
    if (operation.headers.includes('Idempotency-Key')) await this.idempotency(operation);
    if (operation.isCacheable) await this.etag(operation);
    for (const request of (await further[operation.id]?.(this.world)) ?? [])
      await this.expect(operation, `further: ${request.code ?? request.expect}`,
        { by: operation.needsPermission ? this.world.staff : undefined, ...request }, { ...request, status: request.expect });
  }

  async access(operation, request) {
    const broken = { by: 'not.a.token' };
    if (operation.readsToken) await this.expect(operation, 'a broken token', { ...request, ...broken }, { status: 401, code: 'not_authenticated' });
    else await this.expect(operation, 'a broken token', { ...(await this.prepare(operation)), ...broken }, { status: operation.success });
    if (!operation.isOpen) await this.expect(operation, 'no token', { ...request, by: undefined }, { status: 401, code: 'not_authenticated' });
    if (operation.needsPermission)
      await this.expect(operation, "a customer's token", { ...request, by: this.customer.access }, { status: 403, code: 'permission_denied' });
  }

  async addresses(operation, request) {
    for (const { name, schema } of operation.pathParameters) {
      const { type, format } = this.document.resolve(schema);
      const unknown = type === 'integer' ? '999999999' : format === 'uuid' ? randomUUID() : 'no-such-thing';
      for (const value of [unknown, 'x'.repeat(40), "'", '../..', '-1', '\u00e9', '99999999999999999999'])
        await this.expect(operation, `${name}=${value}`, { ...request, path: { ...request.path, [name]: value } }, { status: 404, code: 'not_found' });
    }
    if (operation.method === 'GET')
      await this.expect(operation, 'no slash at the end', { ...request, asPath: (path) => path.replace(/\/$/, '') }, { status: operation.success });
  }

  async query(operation, request) {
    const ask = (query) => ({ ...request, query: { ...request.query, ...query } });
    const strange = await this.send(operation, ask({ no_such_parameter: '1' }));
    if (!takesAnyQuery.includes(operation.id) && !(strange.status === 422 && names(strange.json, '?no_such_parameter')))
      this.tell(operation, 'an unknown query parameter', `answered ${strange.status}: ${strange.text.slice(0, 300)}`);
    for (const parameter of operation.queryParameters) {
      for (const text of takesAnyQuery.includes(operation.id) ? [] : forbiddenTexts(this.document, parameter))
        await this.expect(operation, `?${parameter.name}=${text.slice(0, 40)}`, ask({ [parameter.name]: text }),
          { status: 422, code: 'validation_error', pointer: `?${parameter.name}` });
      if (operation.method === 'GET' && parameter.name !== 'cursor' && !(parameter.name in (request.query ?? {}))) await this.goodQuery(operation, request, parameter);
    }
    if (operation.queryParameters.some((p) => p.name === 'cursor')) await this.pages(operation, request);
  }

  goodQuery(operation, request, parameter) {
    const value = sample(this.document, parameter.schema);
    const query = parameter.style === 'deepObject' ? { [`${parameter.name}[Attribute]`]: 'Red,Blue' } : { [parameter.name]: String(value) };
    return this.expect(operation, `?${new URLSearchParams(query)}`, { ...request, query: { ...request.query, ...query } }, { status: operation.success });
  }

  // Forth by next and back by previous, one result a page.
  async pages(operation, request) {
    await this.expect(operation, 'a broken cursor', { ...request, query: { cursor: 'nonsense' } }, { status: 422, pointer: '?cursor' });
    const first = await this.expect(operation, 'the first page', { ...request, query: { page_size: 1, count: true } }, { status: 200 });
    if (!Number.isInteger(first.json?.count)) this.tell(operation, 'the first page', 'no count');
    if (first.json?.results?.length > 1) this.tell(operation, 'the first page', 'more results than page_size');
    if (!first.json?.next) return;
    const follow = (url) => ({ ...request, asPath: () => new URL(url).pathname, query: Object.fromEntries(new URL(url).searchParams) });
    const second = await this.expect(operation, 'the next page', follow(first.json.next), { status: 200 });
    if (!second.json?.previous) return this.tell(operation, 'the next page', 'no previous');
    const back = await this.expect(operation, 'the previous page', follow(second.json.previous), { status: 200 });
    if (JSON.stringify(back.json?.results) !== JSON.stringify(first.json.results)) this.tell(operation, 'the previous page', 'is not the first');
  }

  async body(operation, request) {
    const schema = this.document.resolve(operation.bodySchema);
    const types = { 'Content-Type': 'text/plain' };
    await this.expect(operation, 'no body', { ...request, body: undefined }, { status: 400, code: 'malformed_request' });
    await this.expect(operation, 'another media type', { ...request, headers: types }, { status: 415, code: 'unsupported_media_type' });
    await this.expect(operation, 'half of JSON', { ...request, raw: JSON.stringify(request.body).slice(0, -1) }, { status: 400, code: 'malformed_request' });
    await this.expect(operation, 'not UTF-8', { ...request, raw: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }, { status: 400 });
    for (const other of [null, [], 'text', 1])
      await this.expect(operation, `${JSON.stringify(other)} for a body`, { ...request, body: other }, { status: [400, 422] });
    const typo = { ...request.body, no_such_field: 1 };
    await this.expect(operation, 'an unknown field', { ...request, body: typo }, { status: 422, code: 'validation_error', pointer: '/no_such_field' });
    for (const name of schema.required ?? []) // all of them at once
      await this.expect(operation, `nothing, not even ${name}`, { ...request, body: {} }, { status: 422, pointer: `/${name}` });
    for (const [name, property] of Object.entries(schema.properties))
      for (const value of forbiddenValues(this.document, property))
        await this.expect(operation, `${name}: ${JSON.stringify(value)?.slice(0, 60)}`, { ...request, body: { ...request.body, [name]: value } },
          { status: 422, code: 'validation_error', pointer: `/${name}` });
  }

  async success(operation) {
    const request = await this.prepare(operation);
    await this.expect(operation, 'as documented', request, { status: operation.success });
    if (request.body === undefined) return;
    const least = await this.prepare(operation);
    least.body = onlyRequired(this.document.resolve(operation.bodySchema), least.body, least.alsoNeeds);
    await this.expect(operation, 'only what is required', least, { status: operation.success });
  }

  async idempotency(operation) {
    const key = randomUUID();
    const request = await this.prepare(operation);
    const withKey = { ...request, headers: { ...request.headers, 'Idempotency-Key': key } };
    await this.expect(operation, 'a key too long', { ...request, headers: { 'Idempotency-Key': 'x'.repeat(256) } }, { status: 400 });
    const first = await this.expect(operation, 'a new key', withKey, { status: operation.success });
    const second = await this.expect(operation, 'the key again', withKey, { status: operation.success });
    if (second.text !== first.text) this.tell(operation, 'the key again', 'another answer than the first');
    if (second.headers.get('idempotent-replayed') !== 'true') this.tell(operation, 'the key again', 'not marked as replayed');
    if (request.body !== undefined)
      await this.expect(operation, 'the key with another body', { ...withKey, raw: JSON.stringify(request.body, null, 1) },
        { status: 422, code: 'idempotency_key_reused' });
  }

  async etag(operation) {
    const request = await this.prepare(operation);
    const whole = await this.expect(operation, 'for its ETag', request, { status: 200 });
    const tag = whole.headers.get('etag');
    if (!isStrongTag(tag)) return this.tell(operation, 'for its ETag', `its ETag is ${tag}`);
    for (const known of [tag, `"other", ${tag}`, '*']) {
      const same = await this.expect(operation, `If-None-Match: ${known}`, { ...request, headers: { 'If-None-Match': known } }, { status: 304 });
      if (same.headers.get('etag') !== tag) this.tell(operation, `If-None-Match: ${known}`, 'another ETag');
    }
    await this.expect(operation, 'If-None-Match: "other"', { ...request, headers: { 'If-None-Match': '"other"' } }, { status: 200 });
  }

  // A method that the path does not have: 405, and Allow names those that it has.
  async methods(path, operations) {
    const has = operations.map((o) => o.method);
    const method = ['PUT', 'PATCH', 'DELETE', 'POST', 'GET'].find((m) => !has.includes(m));
    const answer = await this.send(operations[0], { method });
    const allowed = (answer.headers.get('allow') ?? '').split(',').map((m) => m.trim()).filter((m) => !['HEAD', 'OPTIONS', ''].includes(m));
    if (answer.status !== 405 || answer.json?.code !== 'method_not_allowed') this.tell({ id: path }, method, `answered ${answer.status}`);
    else if (allowed.sort().join() !== has.sort().join()) this.tell({ id: path }, method, `Allow is ${allowed}, documented are ${has}`);
  }
}

// Whether a problem has an error at the pointer, or below it.
function names(problem, pointer) {
  return problem?.errors?.some((e) => e.pointer === pointer || e.pointer.startsWith(`${pointer}/`) || e.pointer.startsWith(`${pointer}[`)) ?? false;
}

// The breaches of the contract, as text; prints what was done.
export async function walk(shop) {
  const document = new Document(await (await fetch(`${shop.url}/api/schema/`)).json());
  const world = new World(shop);
  const steps = new Walk(document, world, await world.user());
  const operations = document.operations();
  for (const operation of operations) {
    try {
      await steps.operation(operation);
    } catch (failure) {
      steps.tell(operation, 'walk', failure.stack);
    }
    if (!steps.statuses.get(operation.id)?.has(operation.success)) steps.tell(operation, 'walk', 'never succeeded');
  }
  for (const path of new Set(operations.map((o) => o.path))) await steps.methods(path, operations.filter((o) => o.path === path));
  for (const id of [...Object.keys(fixtures), ...Object.keys(further)])
    if (!operations.some((o) => o.id === id)) steps.faults.push(`${id}: there is no such operation any more`);
  console.log(`${operations.length} operations, ${steps.requests} requests, ${steps.faults.length} breaches`);
  return steps.faults;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [url, staffToken, webhookSecret = ''] = process.argv.slice(2);
  if (!staffToken) {
    console.error('usage: node walk.mjs BASE_URL STAFF_TOKEN [WEBHOOK_SECRET]');
    process.exit(2);
  }
  const faults = await walk({ url, staffToken, webhookSecret });
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
