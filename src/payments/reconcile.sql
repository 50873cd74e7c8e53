-- name: claim_due_attempts
-- Each is put off at once: 10 s after it was begun, then by 5 s more each time up to 30; what another attempt has taken
-- the place of, by 2 minutes.
WITH due AS MATERIALIZED (
  SELECT id FROM payment WHERE next_check_at <= $1::timestamptz ORDER BY next_check_at LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE payment
SET next_check_at = $1::timestamptz + CASE WHEN closed_at IS NULL THEN least(10 + 5 * payment.checks, 30)
                                           ELSE 120 END * interval '1 second',
    checks = payment.checks + 1
FROM due
WHERE payment.id = due.id
RETURNING payment.tx_ref;

-- name: put_off
UPDATE payment SET next_check_at = $2::timestamptz
WHERE id = $1::uuid AND status IN ('pending', 'failed', 'cancelled');

-- name: note_unknown_reference
INSERT INTO unknown_reference (tx_ref, first_seen_at, next_check_at)
VALUES ($1::text, $2::timestamptz, $3::timestamptz)
ON CONFLICT (tx_ref) DO NOTHING;

-- name: claim_due_references
WITH due AS MATERIALIZED (
  SELECT tx_ref FROM unknown_reference WHERE next_check_at <= $1::timestamptz ORDER BY next_check_at LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE unknown_reference
SET next_check_at = $1::timestamptz + least(power(2, least(unknown_reference.checks, 12)), 3600) * interval '1 second',
    checks = unknown_reference.checks + 1
FROM due
WHERE unknown_reference.tx_ref = due.tx_ref
RETURNING unknown_reference.tx_ref, unknown_reference.first_seen_at;

-- name: forget_reference
DELETE FROM unknown_reference WHERE tx_ref = $1::text;
