-- name: reserved_is_held
SELECT format('variant %s: reserved %s, but live orders hold %s', coalesce(s.variant_id, held.variant_id),
              coalesce(s.reserved, 0), coalesce(held.quantity, 0))
FROM stock s
FULL JOIN (
  SELECT l.variant_id, sum(l.quantity - l.returned) AS quantity
  FROM orders o
  JOIN order_line l ON l.order_id = o.id
  WHERE o.status IN ('pending', 'completed')
  GROUP BY l.variant_id
) AS held ON held.variant_id = s.variant_id
WHERE coalesce(s.reserved, 0) <> coalesce(held.quantity, 0)

-- name: movements_of_orders
-- Each order's own rows of the ledger say what its state says; what came back is neither held nor gone. Both sides are entries of one sum, so that a million orders
-- are added up in one pass, and nothing in the ledger stands beside it.
SELECT format('order %s, variant %s: by its state its movements hold %s pieces too many, and %s too many left the house',
              order_id, variant_id, sum(held), sum(left_house))
FROM (
  SELECT order_id, variant_id, reserved_change AS held, -on_hand_change AS left_house
  FROM stock_movement
  WHERE order_id IS NOT NULL
  UNION ALL
  SELECT l.order_id, l.variant_id, CASE WHEN o.status IN ('pending', 'completed') THEN l.returned - l.quantity ELSE 0 END,
         CASE WHEN o.shipped_at IS NOT NULL THEN l.returned - l.quantity ELSE 0 END
  FROM order_line l
  JOIN orders o ON o.id = l.order_id
) AS entry
GROUP BY order_id, variant_id
HAVING sum(held) <> 0 OR sum(left_house) <> 0

-- name: totals_are_sums
SELECT format('order %s: its subtotal is %s more than the sum of its lines', id, sum(amount))
FROM (
  SELECT id, subtotal AS amount FROM orders
  UNION ALL
  SELECT order_id, -total FROM order_line
) AS entry
GROUP BY id
HAVING sum(amount) <> 0

-- name: totals_are_explained
-- Discounts, shipping and taxes: of the order, of its lines, and as the adjustments explain them.
SELECT format('order %s: discount %s, shipping %s, tax %s (%s included), but its lines have %s and %s, its adjustments %s, %s, %s (%s)',
              o.id, o.discount, o.shipping, o.tax, o.tax_included, coalesce(l.discount, 0), coalesce(l.tax, 0),
              coalesce(a.discount, 0), coalesce(a.shipping, 0), coalesce(a.tax, 0), coalesce(a.tax_included, 0))
FROM orders o
LEFT JOIN (
  SELECT order_id, sum(discount) AS discount, sum(tax) AS tax
  FROM order_line
  WHERE discount <> 0 OR tax <> 0
  GROUP BY order_id
) AS l ON l.order_id = o.id
LEFT JOIN (
  SELECT order_id,
         sum(amount) FILTER (WHERE kind = 'discount') AS discount,
         sum(amount) FILTER (WHERE kind = 'shipping') AS shipping,
         sum(amount) FILTER (WHERE kind = 'tax') AS tax,
         sum(amount) FILTER (WHERE kind = 'tax' AND line IS NULL) AS tax_of_shipping,
         sum(amount) FILTER (WHERE is_included) AS tax_included
  FROM order_adjustment
  GROUP BY order_id
) AS a ON a.order_id = o.id
WHERE (o.discount, o.shipping, o.tax, o.tax_included)
        <> (coalesce(a.discount, 0), coalesce(a.shipping, 0), coalesce(a.tax, 0), coalesce(a.tax_included, 0))
   OR (o.discount, o.tax) <> (coalesce(l.discount, 0), coalesce(l.tax, 0) + coalesce(a.tax_of_shipping, 0))

-- name: lines_are_explained
SELECT format('order %s, line %s: discount %s and tax %s, but its adjustments sum to %s and %s', a.order_id, a.line, l.discount,
              l.tax, coalesce(a.discount, 0), coalesce(a.tax, 0))
FROM (
  SELECT order_id, line, sum(amount) FILTER (WHERE kind = 'discount') AS discount, sum(amount) FILTER (WHERE kind = 'tax') AS tax
  FROM order_adjustment
  WHERE line IS NOT NULL
  GROUP BY order_id, line
) AS a
JOIN order_line l ON l.order_id = a.order_id AND l.position = a.line
WHERE (l.discount, l.tax) <> (coalesce(a.discount, 0), coalesce(a.tax, 0))

-- name: live_orders_use_their_promotions
-- Each that took something off, once; those that ended unpaid have given them back.
SELECT format('order %s (%s), promotion %s: its uses sum to %s', coalesce(a.order_id, u.order_id), o.status,
              coalesce(a.rule_id, u.promotion_id), coalesce(u.uses, 0))
FROM (SELECT DISTINCT order_id, rule_id FROM order_adjustment WHERE kind = 'discount') AS a
FULL JOIN (SELECT order_id, promotion_id, sum(change) AS uses FROM promotion_use GROUP BY order_id, promotion_id) AS u
  ON u.order_id = a.order_id AND u.promotion_id = a.rule_id
LEFT JOIN orders o ON o.id = coalesce(a.order_id, u.order_id)
WHERE o.id IS NULL OR a.order_id IS NULL
   OR coalesce(u.uses, -1) <> CASE WHEN o.status IN ('expired', 'cancelled') AND o.completed_at IS NULL THEN 0 ELSE 1 END

-- name: one_receipt_task
-- Never two: the key is unique.
SELECT format('order %s: completed, but has no receipt task', o.id)
FROM orders o
WHERE o.completed_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM task t WHERE t.unique_key = 'order.completed:' || o.id)

-- name: lines_have_their_order
SELECT format('order %s: its line %s refers to nothing', l.order_id, l.position)
FROM order_line l
LEFT JOIN orders o ON o.id = l.order_id
LEFT JOIN variant v ON v.id = l.variant_id
WHERE o.id IS NULL OR v.id IS NULL
