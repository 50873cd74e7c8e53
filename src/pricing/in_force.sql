-- What a placement or a quote needs of the rules, and how the uses of promotions are counted.

-- name: read_revision
SELECT revision FROM pricing_revision

-- name: active_shipping_methods
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams
FROM shipping_method
WHERE is_active
ORDER BY id

-- name: all_tax_rates
SELECT id, name, country, category_id, basis_points, is_included
FROM tax_rate
ORDER BY id

-- name: automatic_promotions
-- But those that have ended.
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.code IS NULL AND (p.ends_at IS NULL OR p.ends_at > $1)
ORDER BY p.id

-- name: lock_promotions
-- By their codes, and by their ids: what they are, and how often they were used, which nobody changes until the end.
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer, l.used
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.code = ANY ($1::text[]) OR p.id = ANY ($2::bigint[])
ORDER BY p.id
FOR NO KEY UPDATE OF l

-- name: read_promotions
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer, l.used
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.code = ANY ($1::text[]) OR p.id = ANY ($2::bigint[])
ORDER BY p.id

-- name: read_customers
-- How often these customers used those promotions. Under the locks of the promotions nobody changes that.
SELECT c.promotion_id, c.customer, c.used
FROM promotion_customer c
JOIN promotion p ON p.id = c.promotion_id
WHERE (p.code = ANY ($1::text[]) OR p.id = ANY ($2::bigint[])) AND c.customer = ANY ($3::text[])

-- name: lock_limits
SELECT promotion_id
FROM promotion_limit
WHERE promotion_id = ANY ($1::bigint[])
ORDER BY promotion_id
FOR NO KEY UPDATE

-- name: insert_uses
INSERT INTO promotion_use (promotion_id, order_id, customer, change, created_at)
SELECT promotion_id, order_id, customer, 1, $4
FROM unnest($1::bigint[], $2::uuid[], $3::text[]) AS used (promotion_id, order_id, customer)

-- name: count_uses
UPDATE promotion_limit AS l
SET used = l.used + taken.uses
FROM (SELECT promotion_id, count(*) AS uses FROM unnest($1::bigint[]) AS one (promotion_id) GROUP BY promotion_id) AS taken
WHERE l.promotion_id = taken.promotion_id

-- name: count_uses_of_customers
INSERT INTO promotion_customer AS mine (promotion_id, customer, max_uses, used)
SELECT taken.promotion_id, taken.customer, p.max_uses_per_customer, count(*)
FROM unnest($1::bigint[], $2::text[]) AS taken (promotion_id, customer)
JOIN promotion p ON p.id = taken.promotion_id
GROUP BY taken.promotion_id, taken.customer, p.max_uses_per_customer
ON CONFLICT (promotion_id, customer) DO UPDATE
  SET used = mine.used + EXCLUDED.used, max_uses = EXCLUDED.max_uses

-- name: lock_limits_of_orders
SELECT promotion_id
FROM promotion_limit
WHERE promotion_id IN (SELECT promotion_id FROM promotion_use WHERE order_id = ANY ($1::uuid[]))
ORDER BY promotion_id
FOR NO KEY UPDATE

-- name: give_back_uses
UPDATE promotion_limit AS l
SET used = l.used - held.uses
FROM (
  SELECT promotion_id, sum(change) AS uses
  FROM promotion_use
  WHERE order_id = ANY ($1::uuid[])
  GROUP BY promotion_id
) AS held
WHERE l.promotion_id = held.promotion_id AND held.uses > 0

-- name: give_back_uses_of_customers
UPDATE promotion_customer AS c
SET used = c.used - held.uses
FROM (
  SELECT promotion_id, customer, sum(change) AS uses
  FROM promotion_use
  WHERE order_id = ANY ($1::uuid[])
  GROUP BY promotion_id, customer
) AS held
WHERE c.promotion_id = held.promotion_id AND c.customer = held.customer AND held.uses > 0

-- name: insert_uses_given_back
INSERT INTO promotion_use (promotion_id, order_id, customer, change, created_at)
SELECT promotion_id, order_id, customer, -1, $2
FROM promotion_use
WHERE order_id = ANY ($1::uuid[])
GROUP BY promotion_id, order_id, customer
HAVING sum(change) > 0

-- name: uses_given_back
-- What an order used and gave back, and whether that can be had again.
SELECT u.promotion_id, u.customer,
       (l.max_uses IS NULL OR l.used < l.max_uses)
         AND (p.max_uses_per_customer IS NULL OR coalesce(c.used, 0) < p.max_uses_per_customer)
FROM (
  SELECT promotion_id, customer
  FROM promotion_use
  WHERE order_id = $1
  GROUP BY promotion_id, customer
  HAVING sum(change) = 0
) AS u
JOIN promotion p ON p.id = u.promotion_id
JOIN promotion_limit l ON l.promotion_id = u.promotion_id
LEFT JOIN promotion_customer c ON c.promotion_id = u.promotion_id AND c.customer = u.customer
