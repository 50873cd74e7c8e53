-- name: claim_key
-- The row of an old key is taken over; of a living one, nothing comes back. While another transaction holds the key
-- this waits for its end.
INSERT INTO idempotency_key AS known (scope, key, request_sha256, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (scope, key) DO UPDATE
  SET request_sha256 = EXCLUDED.request_sha256, created_at = EXCLUDED.created_at,
      status = NULL, content_type = NULL, body = NULL
  WHERE known.created_at < EXCLUDED.created_at - interval '24 hours'
RETURNING 1

-- name: read_answer
SELECT request_sha256, status, content_type, body
FROM idempotency_key
WHERE scope = $1 AND key = $2

-- name: store_answer
UPDATE idempotency_key
SET status = $3, content_type = $4, body = $5
WHERE scope = $1 AND key = $2

-- name: delete_old_keys
DELETE FROM idempotency_key
WHERE created_at < $1

-- Of many requests in one transaction:

-- name: read_answers
-- LATERAL and LIMIT: a look-up a key, whatever the planner believes of the table. A plan made while it was empty began
-- with the table, and read all of it for every batch.
SELECT asked.position, known.request_sha256, known.body, known.created_at
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (scope, key, position)
CROSS JOIN LATERAL (
  SELECT request_sha256, coalesce(body, '') AS body, created_at
  FROM idempotency_key
  WHERE scope = asked.scope AND key = asked.key
  LIMIT 1
) AS known

-- name: delete_answers
DELETE FROM idempotency_key
USING unnest($1::text[], $2::text[]) AS outdated (scope, key)
WHERE idempotency_key.scope = outdated.scope AND idempotency_key.key = outdated.key

-- name: insert_answers
-- In the order of the keys, so that two nodes with the same ones do not wait for each other.
INSERT INTO idempotency_key (scope, key, request_sha256, created_at, status, content_type, body)
SELECT scope, key, request_sha256, $5, 201, 'application/json', body
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS made (scope, key, request_sha256, body)
ORDER BY scope, key
