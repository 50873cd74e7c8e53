-- Everything takes parallel arrays, so that a batch of orders is one statement each.

-- name: lock_stock_of_carts
-- The stock rows of all that is in the carts, locked in ascending order of variants.
SELECT variant_id, on_hand, reserved, max_per_order, max_per_customer
FROM stock
WHERE variant_id IN (SELECT variant_id FROM cart_item WHERE cart_id = ANY ($1::uuid[]))
ORDER BY variant_id
FOR UPDATE

-- name: read_lines
-- What is in the carts, with today's names and prices. What is no longer sold comes with is_sold false.
SELECT ci.cart_id, ci.variant_id, ci.quantity, v.sku, p.name, v.name, v.price, p.currency,
       (v.archived_at IS NULL AND p.status = 'active') AS is_sold, v.product_id, v.weight_grams
FROM cart_item ci
JOIN variant v ON v.id = ci.variant_id
JOIN product p ON p.id = v.product_id
WHERE ci.cart_id = ANY ($1::uuid[])
ORDER BY ci.cart_id, ci.variant_id

-- name: categories_of_carts
-- Of the products in the carts: theirs, and those above them, with how far above.
WITH RECURSIVE above AS (
  SELECT pc.product_id, pc.category_id, 0 AS distance
  FROM cart_item ci
  JOIN variant v ON v.id = ci.variant_id
  JOIN product_category pc ON pc.product_id = v.product_id
  WHERE ci.cart_id = ANY ($1::uuid[])
  UNION
  SELECT a.product_id, c.parent_id, a.distance + 1
  FROM above a
  JOIN category c ON c.id = a.category_id
  WHERE c.parent_id IS NOT NULL
)
SELECT product_id, category_id, min(distance)
FROM above
GROUP BY product_id, category_id

-- name: insert_orders
-- One with nothing to pay is completed as it is placed.
INSERT INTO orders (id, number, user_id, email, currency, subtotal, discount, shipping, tax, tax_included, total,
                    shipping_address, note, placed_at, expires_at, status, payment_status, completed_at)
SELECT id, number, user_id, email, currency, subtotal, discount, shipping, tax, tax_included, total, shipping_address, note,
       $14::timestamptz, $15::timestamptz,
       CASE WHEN total = 0 THEN 'completed' ELSE 'pending' END, CASE WHEN total = 0 THEN 'success' ELSE 'pending' END,
       CASE WHEN total = 0 THEN $14::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[])
  AS placed (id, number, user_id, email, currency, subtotal, discount, shipping, tax, tax_included, total, shipping_address,
             note)

-- name: insert_order_lines
INSERT INTO order_line (order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, total,
                        discount, tax)
SELECT order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, unit_price * quantity,
       discount, tax
FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
            $9::bigint[], $10::bigint[])
  AS line (order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, discount, tax)

-- name: insert_adjustments
INSERT INTO order_adjustment (order_id, position, kind, rule_id, label, code, line, amount, is_included)
SELECT order_id, position, kind, rule_id, label, code, line, amount, is_included
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
            $9::boolean[])
  AS why (order_id, position, kind, rule_id, label, code, line, amount, is_included)

-- name: bought_by
-- What each customer's orders have of these variants, but those that ended without a sale: the account's orders and
-- those of the address.
SELECT asked.position, l.variant_id, sum(l.quantity)::bigint
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS asked (user_id, email, position)
JOIN orders o ON (o.user_id = asked.user_id OR lower(o.email) = asked.email)
  AND o.status IN ('pending', 'completed', 'shipped', 'delivered')
JOIN order_line l ON l.order_id = o.id AND l.variant_id = ANY ($3::bigint[])
GROUP BY asked.position, l.variant_id
