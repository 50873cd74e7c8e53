-- name: insert_cart
INSERT INTO cart (id, user_id, created_at, updated_at)
VALUES ($1, $2, $3, $3)
ON CONFLICT (user_id) WHERE ordered_at IS NULL AND user_id IS NOT NULL DO NOTHING

-- name: find_open_cart_of
SELECT id
FROM cart
WHERE user_id = $1 AND ordered_at IS NULL

-- name: find_cart
SELECT user_id, created_at, updated_at, ordered_at
FROM cart
WHERE id = $1

-- name: lock_cart
SELECT user_id, created_at, updated_at, ordered_at
FROM cart
WHERE id = $1
FOR UPDATE

-- name: lock_carts
SELECT id, user_id, ordered_at IS NULL
FROM cart
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR UPDATE

-- name: lock_carts_for_claim
-- The guest's cart and the open one of the user, in the order of their ids.
SELECT id, user_id, ordered_at
FROM cart
WHERE id = $1 OR (user_id = $2 AND ordered_at IS NULL)
ORDER BY id
FOR UPDATE

-- name: give_cart_to_user
UPDATE cart
SET user_id = $2, updated_at = $3
WHERE id = $1

-- name: merge_items
INSERT INTO cart_item AS mine (cart_id, variant_id, quantity, unit_price, added_at)
SELECT $2, variant_id, quantity, unit_price, added_at
FROM cart_item
WHERE cart_id = $1
ON CONFLICT (cart_id, variant_id) DO UPDATE
  SET quantity = least(mine.quantity + EXCLUDED.quantity, $3::integer)

-- name: currencies_of
SELECT DISTINCT p.currency
FROM cart_item ci
JOIN variant v ON v.id = ci.variant_id
JOIN product p ON p.id = v.product_id
WHERE ci.cart_id = ANY ($1::uuid[])

-- name: end_carts
UPDATE cart
SET ordered_at = $2, updated_at = $2
WHERE id = ANY ($1::uuid[])

-- name: touch_cart
UPDATE cart
SET updated_at = $2
WHERE id = $1

-- name: delete_cart
DELETE FROM cart
WHERE id = $1

-- name: delete_abandoned
-- Ids are UUIDv7: the primary key finds the old ones, and no index makes placing an order dearer. Who is at a cart at this
-- moment holds its row: it is passed by.
WITH old AS MATERIALIZED (
  SELECT id
  FROM cart
  WHERE id < (lpad(to_hex((extract(epoch FROM $1::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
    AND updated_at < $1
    AND (user_id IS NULL OR ordered_at IS NOT NULL)
  ORDER BY id
  LIMIT $2
  FOR UPDATE SKIP LOCKED
)
DELETE FROM cart
USING old
WHERE cart.id = old.id

-- name: list_items
SELECT id, variant_id, quantity, unit_price
FROM cart_item
WHERE cart_id = $1
ORDER BY id

-- name: find_item
SELECT id, variant_id, quantity, unit_price
FROM cart_item
WHERE cart_id = $1 AND id = $2

-- name: item_of_variant
-- What the cart has of a variant, and how many items it has.
SELECT coalesce(max(quantity) FILTER (WHERE variant_id = $2), 0)::integer, count(*)::integer
FROM cart_item
WHERE cart_id = $1

-- name: upsert_item
INSERT INTO cart_item AS mine (cart_id, variant_id, quantity, unit_price, added_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cart_id, variant_id) DO UPDATE
  SET quantity = EXCLUDED.quantity, unit_price = EXCLUDED.unit_price
RETURNING id

-- name: set_quantity
UPDATE cart_item
SET quantity = $3, unit_price = $4
WHERE cart_id = $1 AND id = $2

-- name: delete_item
DELETE FROM cart_item
WHERE cart_id = $1 AND id = $2
