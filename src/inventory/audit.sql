-- name: stock_is_its_movements
SELECT format('variant %s: on_hand %s and reserved %s, but its movements sum to %s and %s', s.variant_id, s.on_hand,
              s.reserved, coalesce(m.on_hand, 0), coalesce(m.reserved, 0))
FROM stock s
LEFT JOIN (
  SELECT variant_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved
  FROM stock_movement
  GROUP BY variant_id
) AS m ON m.variant_id = s.variant_id
WHERE s.on_hand <> coalesce(m.on_hand, 0) OR s.reserved <> coalesce(m.reserved, 0)

-- name: variants_have_stock
SELECT format('variant %s has no row of stock', v.id)
FROM variant v
LEFT JOIN stock s ON s.variant_id = v.id
WHERE s.variant_id IS NULL
