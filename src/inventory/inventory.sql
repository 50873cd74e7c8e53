-- Every change takes parallel arrays, one element a variant, so that a whole order is one statement.

-- name: insert_stock
INSERT INTO stock (variant_id, on_hand)
SELECT variant_id, on_hand
FROM unnest($1::bigint[], $2::integer[]) AS new (variant_id, on_hand)

-- name: insert_opening_movements
INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, user_id, created_at)
SELECT variant_id, on_hand, 0, 'opening stock', $3, $4
FROM unnest($1::bigint[], $2::integer[]) AS new (variant_id, on_hand)
WHERE on_hand <> 0

-- name: lock_stock
SELECT variant_id, on_hand, reserved
FROM stock
WHERE variant_id = ANY ($1::bigint[])
ORDER BY variant_id
FOR UPDATE

-- name: change_stock
UPDATE stock
SET on_hand = stock.on_hand + change.on_hand, reserved = stock.reserved + change.reserved
FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS change (variant_id, on_hand, reserved)
WHERE stock.variant_id = change.variant_id AND stock.variant_id = ANY ($1::bigint[])

-- name: insert_movements
INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, note, order_id, user_id, created_at)
SELECT variant_id, on_hand, reserved, $4, $5, $6, $7, $8
FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS change (variant_id, on_hand, reserved)
RETURNING id

-- name: insert_order_movements
INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, order_id, created_at)
SELECT variant_id, on_hand, reserved, $5, order_id, $6
FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::uuid[]) AS change (variant_id, on_hand, reserved, order_id)

-- name: release_stock
-- Many orders at once: what they hold of a variant is summed, so that its row is changed once.
UPDATE stock
SET reserved = stock.reserved - held.quantity
FROM (
  SELECT variant_id, sum(quantity)::integer AS quantity
  FROM unnest($1::bigint[], $2::integer[]) AS of_order (variant_id, quantity)
  GROUP BY variant_id
) AS held
WHERE stock.variant_id = held.variant_id

-- name: insert_releases
-- One element an order and variant.
INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, order_id, created_at)
SELECT variant_id, 0, -quantity, $4, order_id, $5
FROM unnest($1::bigint[], $2::integer[], $3::uuid[]) AS of_order (variant_id, quantity, order_id)

-- name: read_stock
SELECT variant_id, on_hand, reserved, max_per_order, max_per_customer
FROM stock
WHERE variant_id = $1

-- name: set_limits
-- Those that were given: $2 and $4 say which.
UPDATE stock
SET max_per_order = CASE WHEN $2::boolean THEN $3::integer ELSE max_per_order END,
    max_per_customer = CASE WHEN $4::boolean THEN $5::integer ELSE max_per_customer END
WHERE variant_id = $1
RETURNING variant_id, on_hand, reserved, max_per_order, max_per_customer

-- name: have_moved
SELECT variant_id
FROM unnest($1::bigint[]) AS asked (variant_id)
WHERE EXISTS (SELECT FROM stock_movement WHERE stock_movement.variant_id = asked.variant_id)

-- name: list_movements
-- Newest first, the page after the id.
SELECT id, on_hand_change, reserved_change, reason, note, order_id, user_id, created_at
FROM stock_movement
WHERE variant_id = $1 AND id < $2
ORDER BY id DESC
LIMIT $3

-- name: list_newer_movements
-- The page before the id, nearest first.
SELECT id, on_hand_change, reserved_change, reason, note, order_id, user_id, created_at
FROM stock_movement
WHERE variant_id = $1 AND id > $2
ORDER BY id
LIMIT $3

-- name: count_movements
SELECT count(*)
FROM stock_movement
WHERE variant_id = $1
