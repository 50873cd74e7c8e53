-- name: paid_is_captured
-- What came in another currency than the order's stands in the payment alone.
SELECT format('order %s: paid %s, but its payments captured %s', o.id, o.paid, coalesce(p.captured, 0))
FROM orders o
LEFT JOIN (SELECT order_id, captured_currency, sum(captured) AS captured FROM payment GROUP BY 1, 2) AS p
  ON p.order_id = o.id AND p.captured_currency = o.currency
WHERE o.paid <> coalesce(p.captured, 0)

-- name: refunded_is_refunded
SELECT format('order %s: refunded %s, but its payments %s', o.id, o.refunded, coalesce(p.refunded, 0))
FROM orders o
LEFT JOIN (SELECT order_id, captured_currency, sum(refunded) AS refunded FROM payment GROUP BY 1, 2) AS p
  ON p.order_id = o.id AND p.captured_currency = o.currency
WHERE o.refunded <> coalesce(p.refunded, 0)

-- name: captured_is_in_the_ledger
SELECT format('payment %s: captured %s and refunded %s, but its events say %s and %s', p.tx_ref, p.captured, p.refunded,
              coalesce(e.captured, 0), coalesce(e.refunded, 0))
FROM payment p
LEFT JOIN (SELECT payment_id, sum(captured) AS captured, sum(refunded) AS refunded FROM payment_event GROUP BY 1) AS e
  ON e.payment_id = p.id
WHERE p.captured <> coalesce(e.captured, 0) OR p.refunded <> coalesce(e.refunded, 0)

-- name: success_has_completed_its_order
SELECT format('payment %s: %s, but order %s is %s', p.tx_ref, p.status, o.id, o.status)
FROM payment p
JOIN orders o ON o.id = p.order_id
WHERE p.status IN ('success', 'partially_refunded') AND o.completed_at IS NULL

-- name: completed_order_has_its_payment
SELECT format('order %s: %s, but no payment settled it', o.id, o.status)
FROM orders o
WHERE o.completed_at IS NOT NULL AND o.total > 0
  AND NOT EXISTS (SELECT FROM payment p
                  WHERE p.order_id = o.id
                    AND (p.status IN ('success', 'partially_refunded', 'refunded')
                         -- one that was withdrawn, whose money is on its way back
                         OR (p.status = 'refund_required' AND o.status IN ('cancelled', 'refunded'))))

-- name: refunds_are_reserved
SELECT format('payment %s: reserved %s and refunded %s, but its refunds say %s and %s', p.tx_ref, p.refund_reserved,
              p.refunded, coalesce(r.reserved, 0), coalesce(r.refunded, 0))
FROM payment p
LEFT JOIN (
  SELECT payment_id, sum(amount) FILTER (WHERE status NOT IN ('reversed', 'failed')) AS reserved,
         sum(amount) FILTER (WHERE status = 'refunded') AS refunded
  FROM refund
  GROUP BY payment_id
) AS r ON r.payment_id = p.id
WHERE p.refund_reserved <> coalesce(r.reserved, 0) OR p.refunded <> coalesce(r.refunded, 0)

-- name: refunded_has_its_credit_note
SELECT format('refund %s: refunded, but has %s tasks for its credit note', r.reference, count(t.id))
FROM refund r
LEFT JOIN task t ON t.unique_key = 'refund.completed:' || r.reference
WHERE r.status = 'refunded'
GROUP BY r.reference
HAVING count(t.id) <> 1

-- name: refund_is_in_its_currency
SELECT format('refund %s: in %s, but its payment captured %s', r.reference, r.currency, p.captured_currency)
FROM refund r
JOIN payment p ON p.id = r.payment_id
WHERE r.currency <> p.captured_currency
