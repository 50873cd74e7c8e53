// Values made from schemas: good ones, and ones that the schema forbids.

import { randomUUID } from 'node:crypto';

let made = 0;
export const unique = (start) => `${start}-${Date.now().toString(36)}-${++made}`;

const typesOf = (schema) => [schema.type ?? []].flat();

function sampleText(schema) {
  const { format, pattern = '' } = schema;
  if (format === 'email') return `${unique('somebody')}@example.com`;
  if (format === 'uri') return `https://example.com/${unique('page')}`;
  if (format === 'uuid') return randomUUID();
  if (format === 'date-time') return '2026-01-02T03:04:05Z';
  if (format === 'password') return unique('a long secret');
  if (pattern.includes('[A-Z]{3}')) return 'ETB';
  if (pattern.includes('[A-Z]{2}')) return 'ET';
  if (pattern.includes('[0-9]+')) return '125.00';
  return unique('text').slice(-(schema.maxLength ?? 100)).padEnd(schema.minLength ?? 0, 'x');
}

export function sample(document, node) {
  const schema = document.resolve(node);
  if (schema.examples?.length > 0) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf)?.find((s) => s.type !== 'null');
  if (choice) return sample(document, choice);
  switch (typesOf(schema).find((t) => t !== 'null')) {
    case 'string': return sampleText(schema);
    case 'integer': return Math.max(1, schema.minimum ?? 1);
    case 'number': return schema.minimum ?? 1.5;
    case 'boolean': return true;
    case 'array': return [sample(document, schema.items)];
    case 'object': return sampleObject(document, schema);
    default: return null;
  }
}

function sampleObject(document, schema) {
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, sample(document, property)]));
}

export const onlyRequired = (schema, body, more = []) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => [...(schema.required ?? []), ...more].includes(name)));

// What the schema forbids at this place: of each kind that there is, one.
export function forbiddenValues(document, node) {
  const schema = document.resolve(node);
  const candidates = [null, true, 12.5, 'no such choice', '', [12.5], { no_such_member: 1 }, 10 ** 30];
  if (schema.maxLength !== undefined && schema.maxLength < 500_000) candidates.push('x'.repeat(schema.maxLength + 1));
  if (schema.minLength > 1) candidates.push('x'.repeat(schema.minLength - 1));
  if (schema.minimum !== undefined) candidates.push(schema.minimum - 1);
  if (schema.maximum !== undefined) candidates.push(schema.maximum + 1);
  if (schema.maxItems < 10_000) candidates.push(Array(schema.maxItems + 1).fill(sample(document, schema.items)));
  return candidates.filter((value) => document.faultsOf(node, value));
}

// The same for a parameter, whose values are text. Read as the schema's type where they can be.
export function forbiddenTexts(document, parameter) {
  const schema = document.resolve(parameter.schema);
  const types = typesOf(schema);
  const candidates = ['no such choice', '', '1.5', '99999999999999999999'];
  if (schema.maxLength !== undefined && schema.maxLength < 5_000) candidates.push('x'.repeat(schema.maxLength + 1));
  if (schema.minimum !== undefined) candidates.push(String(schema.minimum - 1));
  if (schema.maximum !== undefined) candidates.push(String(schema.maximum + 1));
  const read = (text) => {
    if (types.includes('integer') && /^-?\d+$/.test(text)) return Number(text);
    if (types.includes('boolean') && ['true', 'false'].includes(text)) return text === 'true';
    return text;
  };
  return types.includes('object') || types.includes('array') ? [] : candidates.filter((text) => document.faultsOf(schema, read(text)));
}
