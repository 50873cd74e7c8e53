-- One order in a transaction of its own, as pgbench places it beside the shop: the plainest way that keeps the books
-- true. What else such a transaction needs (the cart's lock and end, the stock, the ledger) are the shop's own statements.

-- name: lock_lines
SELECT ci.variant_id, ci.quantity, v.sku, p.name, v.name, v.price, p.currency,
       (v.archived_at IS NULL AND p.status = 'active') AS is_sold, s.on_hand, s.reserved
FROM cart_item ci
JOIN variant v ON v.id = ci.variant_id
JOIN product p ON p.id = v.product_id
JOIN stock s ON s.variant_id = ci.variant_id
WHERE ci.cart_id = $1
ORDER BY ci.variant_id
FOR UPDATE OF s

-- name: insert_order
INSERT INTO orders (id, number, user_id, email, currency, subtotal, total, shipping_address, note, placed_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: insert_lines
INSERT INTO order_line (order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price, total)
SELECT $1, line.position, line.variant_id, line.sku, line.product_name, line.variant_name, line.quantity,
       line.unit_price, line.unit_price * line.quantity
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[])
  WITH ORDINALITY AS line (variant_id, sku, product_name, variant_name, quantity, unit_price, position)
