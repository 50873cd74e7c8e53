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
