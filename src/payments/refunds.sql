-- name: insert_refund
INSERT INTO refund (id, payment_id, reference, amount, currency, reason, origin, requested_by, created_at, next_check_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::bigint, $5::text, $6::text, $7::text, $8::bigint, $9::timestamptz,
        $10::timestamptz);

-- name: reserve_refund
-- The CHECK on refund_reserved is the last wall: the sum of refunds never exceeds what was captured.
UPDATE payment
SET refund_reserved = refund_reserved + $2::bigint,
    status = CASE WHEN $3::boolean THEN 'refund_required' ELSE status END
WHERE id = $1::uuid;

-- name: find_refund
SELECT r.id, r.payment_id, p.order_id, p.tx_ref, p.provider, r.reference, r.provider_reference, r.amount, r.currency,
       r.reason, r.origin, r.status, r.detail, r.created_at, r.sent_at, r.accepted_at, r.settled_at, r.checks
FROM refund r
JOIN payment p ON p.id = r.payment_id
WHERE r.id = $1::uuid;

-- name: find_refunds
SELECT r.id, r.payment_id, p.order_id, p.tx_ref, p.provider, r.reference, r.provider_reference, r.amount, r.currency,
       r.reason, r.origin, r.status, r.detail, r.created_at, r.sent_at, r.accepted_at, r.settled_at, r.checks
FROM refund r
JOIN payment p ON p.id = r.payment_id
WHERE r.payment_id = $1::uuid
ORDER BY r.id;

-- name: claim_sending
-- One at a time tells the provider, and it is known from then on that it may have heard.
UPDATE refund
SET sent_at = $2::timestamptz
WHERE id = $1::uuid AND status = 'initiated' AND accepted_at IS NULL AND sent_at IS NOT DISTINCT FROM $3::timestamptz
RETURNING id;

-- name: unsend
UPDATE refund SET sent_at = NULL WHERE id = $1::uuid AND accepted_at IS NULL AND sent_at = $2::timestamptz;

-- name: update_refund
UPDATE refund
SET status = $2::text, detail = CASE WHEN $3::text = '' THEN detail ELSE $3::text END,
    provider_reference = coalesce($4::text, provider_reference),
    accepted_at = coalesce(accepted_at, $5::timestamptz), settled_at = $6::timestamptz,
    next_check_at = CASE WHEN $6::timestamptz IS NULL THEN next_check_at END
WHERE id = $1::uuid;

-- name: count_refunded
UPDATE payment
SET refunded = refunded + $2::bigint,
    status = CASE WHEN refunded + $2::bigint = captured THEN 'refunded'
                  WHEN status = 'success' THEN 'partially_refunded'
                  ELSE status END
WHERE id = $1::uuid
RETURNING status;

-- name: free_refund
UPDATE payment SET refund_reserved = refund_reserved - $2::bigint WHERE id = $1::uuid;

-- name: insert_refund_change
INSERT INTO payment_event (payment_id, tx_ref, kind, refunded, currency, message, created_at)
VALUES ($1::uuid, $2::text, $3::text, $4::bigint, $5::text, $6::text, $7::timestamptz);

-- name: claim_due_refunds
-- Those due, each put off at once, so that a node that dies over them loses nothing: 5 s, doubling up to an hour.
WITH due AS MATERIALIZED (
  SELECT id FROM refund WHERE next_check_at <= $1::timestamptz ORDER BY next_check_at LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE refund
SET next_check_at = $1::timestamptz + least(5 * power(2, least(refund.checks, 10)), 3600) * interval '1 second',
    checks = refund.checks + 1
FROM due
WHERE refund.id = due.id
RETURNING refund.id;
