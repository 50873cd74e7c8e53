-- The rules as staff keeps them: shipping methods, tax rates, promotions. Every change renews pricing_revision, by trigger.

-- name: list_shipping_methods
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id > $1
ORDER BY id
LIMIT $2

-- name: list_shipping_methods_backward
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_shipping_methods
SELECT count(*) FROM shipping_method

-- name: list_active_shipping_methods
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id > $1 AND is_active
ORDER BY id
LIMIT $2

-- name: list_active_shipping_methods_backward
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id < $1 AND is_active
ORDER BY id DESC
LIMIT $2

-- name: count_active_shipping_methods
SELECT count(*) FROM shipping_method WHERE is_active

-- name: read_shipping_method
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id = $1

-- name: lock_shipping_method
SELECT id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active
FROM shipping_method
WHERE id = $1
FOR UPDATE

-- name: insert_shipping_method
INSERT INTO shipping_method (name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id, name, currency, price, price_per_kg, free_from, countries, max_weight_grams, is_active

-- name: update_shipping_method
UPDATE shipping_method
SET name = $2, price = $3, price_per_kg = $4, free_from = $5, countries = $6, max_weight_grams = $7, is_active = $8
WHERE id = $1

-- name: delete_shipping_method
DELETE FROM shipping_method WHERE id = $1

-- name: list_tax_rates
SELECT id, name, country, category_id, basis_points, is_included
FROM tax_rate
WHERE id > $1
ORDER BY id
LIMIT $2

-- name: list_tax_rates_backward
SELECT id, name, country, category_id, basis_points, is_included
FROM tax_rate
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_tax_rates
SELECT count(*) FROM tax_rate

-- name: read_tax_rate
SELECT id, name, country, category_id, basis_points, is_included
FROM tax_rate
WHERE id = $1

-- name: lock_tax_rate
SELECT id, name, country, category_id, basis_points, is_included
FROM tax_rate
WHERE id = $1
FOR UPDATE

-- name: insert_tax_rate
INSERT INTO tax_rate (name, country, category_id, basis_points, is_included, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, name, country, category_id, basis_points, is_included

-- name: update_tax_rate
UPDATE tax_rate
SET name = $2, basis_points = $3, is_included = $4
WHERE id = $1

-- name: delete_tax_rate
DELETE FROM tax_rate WHERE id = $1

-- name: list_promotions
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.id > $1
ORDER BY p.id
LIMIT $2

-- name: list_promotions_backward
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.id < $1
ORDER BY p.id DESC
LIMIT $2

-- name: count_promotions
SELECT count(*) FROM promotion

-- name: read_promotion
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.id = $1

-- name: lock_promotion
-- Both of its rows: no order uses it meanwhile.
SELECT p.id, p.name, p.code, p.kind, p.basis_points, p.amount, p.currency, p.applies_to, p.target_ids, p.minimum_subtotal,
       p.starts_at, p.ends_at, p.priority, p.is_exclusive, l.max_uses, p.max_uses_per_customer
FROM promotion p
JOIN promotion_limit l ON l.promotion_id = p.id
WHERE p.id = $1
FOR UPDATE

-- name: read_promotion_usage
SELECT max_uses, used
FROM promotion_limit
WHERE promotion_id = $1

-- name: insert_promotion
INSERT INTO promotion (name, code, kind, basis_points, amount, currency, applies_to, target_ids, minimum_subtotal, starts_at,
                       ends_at, priority, is_exclusive, max_uses_per_customer, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
RETURNING id

-- name: insert_promotion_limit
INSERT INTO promotion_limit (promotion_id, max_uses)
VALUES ($1, $2)

-- name: update_promotion
UPDATE promotion
SET name = $2, starts_at = $3, ends_at = $4, priority = $5, is_exclusive = $6, max_uses_per_customer = $7
WHERE id = $1

-- name: update_promotion_limit
UPDATE promotion_limit
SET max_uses = $2
WHERE promotion_id = $1

-- name: promotion_was_used
SELECT EXISTS (SELECT FROM promotion_use WHERE promotion_id = $1)

-- name: end_promotion
-- One that has not begun yet never was.
UPDATE promotion
SET ends_at = greatest(starts_at, least(ends_at, $2))
WHERE id = $1

-- name: delete_promotion
DELETE FROM promotion WHERE id = $1

-- name: known_products
SELECT id FROM product WHERE id = ANY ($1::bigint[])

-- name: known_categories
SELECT id FROM category WHERE id = ANY ($1::bigint[])
