// One answer, held to what the document says of its operation.

const isProblem = (status) => status >= 400;

// The faults of an answer, as text.
export function faultsOfAnswer(document, operation, answer) {
  const { status, mediaType, text } = answer;
  const documented = operation.responses[String(status)];
  if (!documented) return [`${status} is not documented`];
  const faults = [];
  if (!answer.headers.get('x-request-id')) faults.push('no X-Request-Id');
  const types = Object.keys(documented.content ?? {});
  if (types.length === 0) return text === '' ? faults : [...faults, `${status} has a body and documents none`];
  if (!types.includes(mediaType)) return [...faults, `${status} is ${mediaType}, documented is ${types.join(', ')}`];
  if (!mediaType.endsWith('json')) return faults;
  if (answer.json === undefined) return [...faults, `${status} is not JSON`];
  const wrong = document.faultsOf(documented.content[mediaType].schema, answer.json, { closed: !isProblem(status) });
  if (wrong) faults.push(`${status} does not fit its schema: ${wrong}`);
  return isProblem(status) ? [...faults, ...faultsOfProblem(documented, answer)] : faults;
}

// RFC 9457, and what this API promises of it.
function faultsOfProblem(documented, { status, mediaType, json, headers }) {
  const faults = [];
  if (mediaType !== 'application/problem+json') faults.push(`${status} is ${mediaType}`);
  if (json.status !== status) faults.push(`its status says ${json.status}`);
  if (!documented.description.includes(`\`${json.code}\``)) faults.push(`the code ${json.code} is not documented for ${status}`);
  if (json.request_id !== headers.get('x-request-id')) faults.push('request_id is not X-Request-Id');
  if (status === 401 && !headers.get('www-authenticate')) faults.push('401 without WWW-Authenticate');
  if ([429, 503].includes(status) && !headers.get('retry-after')) faults.push(`${status} without Retry-After`);
  return faults;
}

// A strong entity-tag (RFC 9110 §8.8.3).
export const isStrongTag = (tag) => /^"[\x21\x23-\x7e]+"$/.test(tag ?? '');
