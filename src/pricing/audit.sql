-- name: used_is_its_uses
SELECT format('promotion %s: used %s, but its uses sum to %s', coalesce(l.promotion_id, u.promotion_id),
              coalesce(l.used, 0), coalesce(u.used, 0))
FROM promotion_limit l
FULL JOIN (SELECT promotion_id, sum(change) AS used FROM promotion_use GROUP BY promotion_id) AS u
  ON u.promotion_id = l.promotion_id
WHERE coalesce(l.used, 0) <> coalesce(u.used, 0)

-- name: customers_used_are_their_uses
SELECT format('promotion %s: %s used it %s times, but their uses sum to %s', coalesce(c.promotion_id, u.promotion_id),
              coalesce(c.customer, u.customer), coalesce(c.used, 0), coalesce(u.used, 0))
FROM promotion_customer c
FULL JOIN (SELECT promotion_id, customer, sum(change) AS used FROM promotion_use GROUP BY promotion_id, customer) AS u
  ON u.promotion_id = c.promotion_id AND u.customer = c.customer
WHERE coalesce(c.used, 0) <> coalesce(u.used, 0)

-- name: a_use_is_once
SELECT format('promotion %s: order %s uses it %s times', promotion_id, order_id, sum(change))
FROM promotion_use
GROUP BY promotion_id, order_id
HAVING sum(change) NOT IN (0, 1)
