-- name: serialize_attempt
SELECT pg_advisory_xact_lock(hashtextextended('payment:' || $1::text, 0));

-- name: find_attempt
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment WHERE tx_ref = $1::text;

-- name: find_open_attempts
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment
WHERE order_id = $1::uuid AND status IN ('pending', 'failed', 'cancelled') AND closed_at IS NULL
ORDER BY created_at, id;

-- name: lock_attempt
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment WHERE id = $1::uuid FOR UPDATE;

-- name: insert_attempt
INSERT INTO payment (id, order_id, provider, tx_ref, amount, currency, captured_currency, created_at, expires_at,
                     next_check_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::bigint, $6::text, $6::text, $7::timestamptz, $8::timestamptz,
        $7::timestamptz + interval '10 seconds');

-- name: store_payment_url
UPDATE payment SET payment_url = $2::text WHERE id = $1::uuid AND status = 'pending' AND payment_url IS NULL
RETURNING id;

-- name: update_attempt
-- What is settled needs no more looking after, except for its refunds.
UPDATE payment
SET status = $2::text, captured = $3::bigint, captured_currency = $4::text,
    provider_reference = coalesce($5::text, provider_reference), detail = $6::text, settled_at = $7::timestamptz,
    next_check_at = CASE WHEN $7::timestamptz IS NULL THEN next_check_at END
WHERE id = $1::uuid;

-- name: close_attempt
UPDATE payment
SET status = CASE WHEN status = 'pending' THEN $2::text ELSE status END,
    detail = CASE WHEN status = 'pending' THEN $3::text ELSE detail END,
    closed_at = $4::timestamptz
WHERE id = $1::uuid AND status IN ('pending', 'failed', 'cancelled') AND closed_at IS NULL
RETURNING id;

-- name: insert_message
INSERT INTO payment_event (payment_id, tx_ref, kind, message, digest, created_at)
VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::timestamptz)
ON CONFLICT DO NOTHING;

-- name: insert_change
INSERT INTO payment_event (payment_id, tx_ref, kind, captured, currency, message, created_at)
VALUES ($1::uuid, $2::text, $3::text, $4::bigint, $5::text, $6::text, $7::timestamptz);

-- name: find_order_attempts
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment
WHERE order_id = $1::uuid
ORDER BY created_at, id;

-- name: list_events
SELECT id, kind, message, created_at
FROM payment_event
WHERE payment_id = $1::uuid
ORDER BY id
LIMIT $2::integer;

-- Newest first; ids are UUIDv7, so their order is that of time.

-- name: list_before
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment
WHERE id < $1::uuid AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR order_id = $3)
ORDER BY id DESC
LIMIT $4::integer;

-- name: list_after
SELECT id, order_id, provider, tx_ref, amount, currency, status, payment_url, captured, captured_currency, detail,
       created_at, expires_at, closed_at, refunded, refund_reserved, provider_reference
FROM payment
WHERE id > $1::uuid AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR order_id = $3)
ORDER BY id
LIMIT $4::integer;

-- name: count_payments
SELECT count(*)
FROM payment
WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR order_id = $2);
