// The OpenAPI document, made usable: references resolved one step, operations listed, schemas compiled.
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

export class Document {
  #compiled = new Map();

  constructor(document) {
    this.root = document;
    this.ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, allowUnionTypes: true });
    addFormats(this.ajv);
    this.ajv.addVocabulary(['components']);
    this.ajv.addFormat('int32', { type: 'number', validate: (n) => Number.isInteger(n) && Math.abs(n) <= 2 ** 31 });
    this.ajv.addFormat('int64', { type: 'number', validate: Number.isInteger });
    this.ajv.addFormat('password', true);
    this.ajv.addSchema({ $id: 'open:', components: document.components }, 'open:');
    this.ajv.addSchema({ $id: 'closed:', components: closed(document.components) }, 'closed:');
  }

  resolve(node) {
    let at = node;
    while (at && at.$ref) {
      at = at.$ref.slice(2).split('/').reduce((from, key) => from[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.root);
      if (at === undefined) throw new Error(`${node.$ref} leads nowhere`);
    }
    return at;
  }

  operations() {
    const all = [];
    for (const [path, item] of Object.entries(this.root.paths))
      for (const [method, operation] of Object.entries(item))
        if (methods.includes(method)) all.push(this.#operation(path, method, operation));
    return all;
  }

  #operation(path, method, operation) {
    const parameters = (operation.parameters ?? []).map((p) => this.resolve(p));
    const security = operation.security ?? this.root.security ?? [];
    const [mediaType, media] = Object.entries(this.resolve(operation.requestBody)?.content ?? {})[0] ?? [];
    const statuses = Object.keys(operation.responses);
    return {
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      pathParameters: parameters.filter((p) => p.in === 'path'),
      queryParameters: parameters.filter((p) => p.in === 'query'),
      headers: parameters.filter((p) => p.in === 'header').map((p) => p.name),
      isOpen: security.length === 0 || security.some((s) => Object.keys(s).length === 0),
      readsToken: security.some((s) => Object.keys(s).length > 0),
      needsPermission: /Needs the permission `/.test(operation.description ?? ''),
      isCacheable: statuses.includes('304'),
      success: Number(statuses.filter((s) => s.startsWith('2')).sort()[0]),
      mediaType,
      bodySchema: media?.schema,
      responses: Object.fromEntries(statuses.map((s) => [s, this.resolve(operation.responses[s])])),
    };
  }

  // Errors as text, or nothing. closed: a member that the schema does not name is an error too.
  faultsOf(schema, value, { closed: isClosed = false } = {}) {
    const key = `${isClosed} ${JSON.stringify(schema)}`;
    if (!this.#compiled.has(key)) {
      const base = isClosed ? 'closed:' : 'open:';
      this.#compiled.set(key, this.ajv.compile(rebased(isClosed ? closed(schema) : schema, base)));
    }
    const validate = this.#compiled.get(key);
    if (validate(value)) return '';
    return validate.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`).join('; ');
  }
}

// "#/components/…" of the document, seen from a schema that stands alone.
function rebased(node, base) {
  if (Array.isArray(node)) return node.map((each) => rebased(each, base));
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === '$ref' && typeof value === 'string' ? base + value : rebased(value, base)]));
}

// Every object with named members takes no others. Problems stay open: RFC 9457 lets them carry more.
function closed(node, name = '') {
  if (Array.isArray(node)) return node.map((each) => closed(each));
  if (node === null || typeof node !== 'object') return node;
  if (name === 'Problem') return node;
  const out = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value, key)]));
  if (out.type === 'object' && out.properties && !('additionalProperties' in out)) out.additionalProperties = false;
  return out;
}
