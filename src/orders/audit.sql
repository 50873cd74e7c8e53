-- name: reserved_is_held
SELECT format('variant %s: reserved %s, but live orders hold %s', coalesce(s.variant_id, held.variant_id),
              coalesce(s.reserved, 0), coalesce(held.quantity, 0))
FROM stock s
FULL JOIN (
  SELECT l.variant_id, sum(l.quantity) AS quantity
  FROM orders o
  JOIN order_line l ON l.order_id = o.id
  WHERE o.status IN ('pending', 'completed')
  GROUP BY l.variant_id
) AS held ON held.variant_id = s.variant_id
WHERE coalesce(s.reserved, 0) <> coalesce(held.quantity, 0)

-- name: movements_of_orders
-- Each order's own rows of the ledger say what its state says.
SELECT format('order %s (%s), variant %s: %s pieces, but its movements hold %s and shipped %s',
              o.id, o.status, l.variant_id, l.quantity, coalesce(m.reserved, 0), coalesce(m.left_house, 0))
FROM orders o
JOIN (SELECT order_id, variant_id, sum(quantity) AS quantity FROM order_line GROUP BY order_id, variant_id) AS l
  ON l.order_id = o.id
LEFT JOIN (
  SELECT order_id, variant_id, sum(reserved_change) AS reserved, -sum(on_hand_change) AS left_house
  FROM stock_movement
  WHERE order_id IS NOT NULL
  GROUP BY order_id, variant_id
) AS m ON m.order_id = o.id AND m.variant_id = l.variant_id
WHERE coalesce(m.reserved, 0) <> CASE WHEN o.status IN ('pending', 'completed') THEN l.quantity ELSE 0 END
   OR coalesce(m.left_house, 0) <> CASE WHEN o.shipped_at IS NOT NULL THEN l.quantity ELSE 0 END

-- name: totals_are_sums
SELECT format('order %s: subtotal %s, but its lines sum to %s', o.id, o.subtotal, coalesce(sum(l.total), 0))
FROM orders o
LEFT JOIN order_line l ON l.order_id = o.id
GROUP BY o.id, o.subtotal
HAVING o.subtotal <> coalesce(sum(l.total), 0)

-- name: one_receipt_task
SELECT format('order %s: completed, but has %s receipt tasks', o.id, count(t.id))
FROM orders o
LEFT JOIN task t ON t.unique_key = 'order.completed:' || o.id
WHERE o.completed_at IS NOT NULL
GROUP BY o.id
HAVING count(t.id) <> 1

-- name: lines_have_their_order
SELECT format('order %s: its line %s refers to nothing', l.order_id, l.position)
FROM order_line l
LEFT JOIN orders o ON o.id = l.order_id
LEFT JOIN variant v ON v.id = l.variant_id
WHERE o.id IS NULL OR v.id IS NULL
