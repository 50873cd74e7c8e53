-- name: enqueue
INSERT INTO task (kind, payload, unique_key, run_at, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (unique_key) DO NOTHING

-- name: enqueue_all
-- Parallel arrays, one element a task. In the order of their keys, so that two who enqueue the same do not wait for
-- each other.
INSERT INTO task (kind, payload, unique_key, run_at, created_at)
SELECT kind, payload, unique_key, run_at, $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
  WITH ORDINALITY AS new (kind, payload, unique_key, run_at, position)
ORDER BY unique_key, position
ON CONFLICT (unique_key) DO NOTHING

-- name: claim
-- The CTE is materialized so that the LIMIT is taken once, whatever the plan of the join.
WITH next AS MATERIALIZED (
  SELECT id
  FROM task
  WHERE state = 'available' AND run_at <= $1 AND kind = ANY ($3) AND attempt < max_attempts
  ORDER BY run_at, id
  LIMIT $4
  FOR UPDATE SKIP LOCKED
)
UPDATE task
SET state = 'running', leased_until = $2, attempt = attempt + 1
FROM next
WHERE task.id = next.id
RETURNING task.id, task.kind, task.payload, task.attempt, task.max_attempts

-- name: rescue
-- Tasks whose worker has not been heard of: available again, or dead where this was their last attempt.
UPDATE task
SET state = CASE WHEN attempt < max_attempts THEN 'available' ELSE 'dead' END,
    finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE $1::timestamptz END,
    run_at = $1,
    leased_until = NULL,
    last_error = 'its lease ran out'
WHERE id IN (
  SELECT id
  FROM task
  WHERE state = 'running' AND leased_until <= $1
  ORDER BY id
  FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, attempt, state

-- name: finish
-- Matches nothing where the lease ran out and the task was given to another: its word counts then.
UPDATE task
SET state = 'done', leased_until = NULL, finished_at = $3, last_error = NULL
WHERE id = $1 AND attempt = $2 AND state = 'running'

-- name: retry_later
UPDATE task
SET state = 'available', leased_until = NULL, run_at = $3, last_error = $4
WHERE id = $1 AND attempt = $2 AND state = 'running'

-- name: bury
UPDATE task
SET state = 'dead', leased_until = NULL, finished_at = $3, last_error = $4
WHERE id = $1 AND attempt = $2 AND state = 'running'

-- name: hand_back
-- An attempt that the worker's end interrupted counts (its number tells a late word apart), so one more is allowed.
UPDATE task
SET state = 'available', leased_until = NULL, run_at = $3, max_attempts = max_attempts + 1,
    last_error = 'its worker was stopped'
FROM unnest($1::bigint[], $2::integer[]) AS held (id, attempt)
WHERE task.id = held.id AND task.attempt = held.attempt AND task.state = 'running'

-- name: try_periodic_lock
SELECT pg_try_advisory_xact_lock(hashtextextended('nexus periodic ' || $1, 0))

-- name: renew_periodic_lock
-- The lock is the transaction's; this only keeps it from idling.
SELECT 1

-- name: delete_done
DELETE FROM task
WHERE id IN (
  SELECT id
  FROM task
  WHERE state = 'done' AND unique_key IS NULL AND finished_at < $1
  LIMIT $2
)
