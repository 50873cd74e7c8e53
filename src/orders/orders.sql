-- name: find_order
SELECT id, number, status, placed_at, expires_at, email, shipping_address, note, subtotal, total, currency,
       payment_status, paid, refunded, user_id, discount, shipping, tax, tax_included
FROM orders
WHERE id = $1

-- A user's own orders and all orders are statements of their own, since each is planned once for all its values.
-- Newest first; ids are UUIDv7, so their order is that of time.

-- name: list_own_before
SELECT id, number, status, placed_at, expires_at, email, shipping_address, note, subtotal, total, currency,
       payment_status, paid, refunded, user_id, discount, shipping, tax, tax_included
FROM orders
WHERE user_id = $2::bigint AND id < $1::uuid
  AND ($3::text IS NULL OR status = $3)
  AND ($4::text IS NULL OR lower(email) = lower($4))
  AND ($5::timestamptz IS NULL OR placed_at > $5)
  AND ($6::timestamptz IS NULL OR placed_at < $6)
ORDER BY id DESC
LIMIT $7

-- name: list_own_after
SELECT id, number, status, placed_at, expires_at, email, shipping_address, note, subtotal, total, currency,
       payment_status, paid, refunded, user_id, discount, shipping, tax, tax_included
FROM orders
WHERE user_id = $2::bigint AND id > $1::uuid
  AND ($3::text IS NULL OR status = $3)
  AND ($4::text IS NULL OR lower(email) = lower($4))
  AND ($5::timestamptz IS NULL OR placed_at > $5)
  AND ($6::timestamptz IS NULL OR placed_at < $6)
ORDER BY id
LIMIT $7

-- name: list_all_before
SELECT id, number, status, placed_at, expires_at, email, shipping_address, note, subtotal, total, currency,
       payment_status, paid, refunded, user_id, discount, shipping, tax, tax_included
FROM orders
WHERE $2::bigint IS NULL AND id < $1::uuid
  AND ($3::text IS NULL OR status = $3)
  AND ($4::text IS NULL OR lower(email) = lower($4))
  AND ($5::timestamptz IS NULL OR placed_at > $5)
  AND ($6::timestamptz IS NULL OR placed_at < $6)
ORDER BY id DESC
LIMIT $7

-- name: list_all_after
SELECT id, number, status, placed_at, expires_at, email, shipping_address, note, subtotal, total, currency,
       payment_status, paid, refunded, user_id, discount, shipping, tax, tax_included
FROM orders
WHERE $2::bigint IS NULL AND id > $1::uuid
  AND ($3::text IS NULL OR status = $3)
  AND ($4::text IS NULL OR lower(email) = lower($4))
  AND ($5::timestamptz IS NULL OR placed_at > $5)
  AND ($6::timestamptz IS NULL OR placed_at < $6)
ORDER BY id
LIMIT $7

-- name: count_own
SELECT count(*)
FROM orders
WHERE user_id = $1::bigint
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR lower(email) = lower($3))
  AND ($4::timestamptz IS NULL OR placed_at > $4)
  AND ($5::timestamptz IS NULL OR placed_at < $5)

-- name: count_all
SELECT count(*)
FROM orders
WHERE $1::bigint IS NULL
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR lower(email) = lower($3))
  AND ($4::timestamptz IS NULL OR placed_at > $4)
  AND ($5::timestamptz IS NULL OR placed_at < $5)

-- name: list_lines
SELECT order_id, variant_id, sku, product_name, variant_name, quantity, unit_price, total, discount, tax
FROM order_line
WHERE order_id = ANY ($1::uuid[])
ORDER BY order_id, position

-- name: list_adjustments
SELECT order_id, kind, rule_id, label, code, line, amount, is_included
FROM order_adjustment
WHERE order_id = ANY ($1::uuid[])
ORDER BY order_id, position

-- name: peek_status
SELECT status
FROM orders
WHERE id = $1

-- name: pieces_of_orders
-- What the orders hold, summed for each order and variant; without what came back.
SELECT order_id, variant_id, sum(quantity - returned)::integer
FROM order_line
WHERE order_id = ANY ($1::uuid[])
GROUP BY order_id, variant_id
HAVING sum(quantity - returned) > 0
ORDER BY variant_id, order_id

-- name: lock_order
SELECT status, number, email, user_id, shipping_address, total, currency, expires_at, paid
FROM orders
WHERE id = $1
FOR UPDATE

-- name: lock_pending
SELECT id
FROM orders
WHERE id = ANY ($1::uuid[]) AND status = 'pending' AND expires_at <= $2
ORDER BY id
FOR UPDATE

-- name: list_due
SELECT id
FROM orders
WHERE status = 'pending' AND expires_at <= $1
ORDER BY expires_at
LIMIT $2

-- name: set_status
-- Every state's own time is written as it is entered.
UPDATE orders
SET status       = $2,
    completed_at = CASE WHEN $2 = 'completed' THEN $3::timestamptz ELSE completed_at END,
    shipped_at   = CASE WHEN $2 = 'shipped' THEN $3::timestamptz ELSE shipped_at   END,
    delivered_at = CASE WHEN $2 = 'delivered' THEN $3::timestamptz ELSE delivered_at END,
    expired_at   = CASE WHEN $2 = 'expired' THEN $3::timestamptz ELSE expired_at   END,
    cancelled_at = CASE WHEN $2 = 'cancelled' THEN $3::timestamptz ELSE cancelled_at END,
    refunded_at  = CASE WHEN $2 = 'refunded' THEN $3::timestamptz ELSE refunded_at  END
WHERE id = $1

-- name: expire_orders
UPDATE orders
SET status = 'expired', expired_at = $2
WHERE id = ANY ($1::uuid[])

-- name: add_paid
UPDATE orders
SET paid = paid + $2, payment_status = $3
WHERE id = $1

-- name: lock_refundable
SELECT status, total, paid, refunded, completed_at IS NOT NULL
FROM orders
WHERE id = $1
FOR UPDATE

-- name: add_refunded
UPDATE orders
SET refunded = refunded + $2, payment_status = $3
WHERE id = $1

-- name: set_payment_status
UPDATE orders
SET payment_status = $2
WHERE id = $1

-- name: return_pieces
-- A cart has a variant once, so an order has one line of it; of several the first takes what comes back.
UPDATE order_line
SET returned = returned + back.quantity
FROM unnest($2::bigint[], $3::integer[]) AS back (variant_id, quantity)
WHERE order_line.order_id = $1 AND order_line.variant_id = back.variant_id
  AND order_line.position = (SELECT min(other.position)
                             FROM order_line other
                             WHERE other.order_id = $1 AND other.variant_id = back.variant_id)
