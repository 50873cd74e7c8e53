-- name: read_product
SELECT p.id, p.slug, p.name, p.description, p.base_price, p.price_min, p.price_max, p.currency, p.status, p.created_at,
       p.updated_at,
       b.id, b.name, b.slug,
       coalesce(c.ids, '{}'), coalesce(c.names, '{}'), coalesce(c.slugs, '{}'),
       coalesce(i.ids, '{}'), coalesce(i.urls, '{}'), coalesce(i.alt_texts, '{}'), coalesce(i.positions, '{}')
FROM product p
LEFT JOIN brand b ON b.id = p.brand_id
LEFT JOIN LATERAL (
  SELECT array_agg(c.id ORDER BY c.name, c.id) AS ids, array_agg(c.name ORDER BY c.name, c.id) AS names,
         array_agg(c.slug ORDER BY c.name, c.id) AS slugs
  FROM product_category pc JOIN category c ON c.id = pc.category_id
  WHERE pc.product_id = p.id
) c ON true
LEFT JOIN LATERAL (
  SELECT array_agg(i.id ORDER BY i.position, i.id) AS ids, array_agg(i.url ORDER BY i.position, i.id) AS urls,
         array_agg(i.alt_text ORDER BY i.position, i.id) AS alt_texts,
         array_agg(i.position ORDER BY i.position, i.id) AS positions
  FROM product_image i
  WHERE i.product_id = p.id
) i ON true
WHERE (p.id = $1 OR p.slug = $2) AND (p.status = 'active' OR $3)

-- name: lock_product
SELECT id, name, slug, description, brand_id, base_price, currency, status
FROM product
WHERE id = $1 OR slug = $2
FOR UPDATE

-- name: find_product
-- Its id, and whether anybody may see it.
SELECT id, status = 'active' FROM product WHERE id = $1 OR slug = $2

-- name: insert_product
INSERT INTO product (name, slug, description, brand_id, base_price, price_min, price_max, currency, status, created_at,
                     updated_at)
VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8, $8)
ON CONFLICT (slug) DO NOTHING
RETURNING id

-- name: update_product
UPDATE product
SET name = $2, slug = $3, description = $4, brand_id = $5, base_price = $6, currency = $7, status = $8, updated_at = $9
WHERE id = $1

-- name: archive_product
UPDATE product SET status = 'archived', updated_at = $2
WHERE id = $1

-- name: delete_product
DELETE FROM product WHERE id = $1

-- name: touch_product
UPDATE product SET updated_at = $2
WHERE id = $1

-- name: taken_product_slugs
SELECT slug FROM product WHERE slug = ANY ($1::text[])

-- name: lock_known_brand
-- It stays until the product that will name it is there.
SELECT id FROM brand WHERE id = $1 FOR KEY SHARE

-- name: lock_known_categories
SELECT id FROM category WHERE id = ANY ($1::bigint[]) ORDER BY id FOR KEY SHARE

-- name: insert_product_categories
INSERT INTO product_category (product_id, category_id)
SELECT $1, category_id
FROM unnest($2::bigint[]) AS wanted (category_id)
ON CONFLICT DO NOTHING

-- name: delete_other_product_categories
DELETE FROM product_category
WHERE product_id = $1 AND category_id <> ALL ($2::bigint[])

-- name: follow_base_price
UPDATE variant SET price = $2
WHERE product_id = $1 AND follows_base_price AND price <> $2

-- name: has_own_prices
SELECT EXISTS (
  SELECT FROM variant
  WHERE product_id = $1 AND archived_at IS NULL AND (NOT follows_base_price OR compare_at_price IS NOT NULL))

-- name: refresh_price_ranges
UPDATE product p
SET price_min = coalesce(r.lowest, p.base_price), price_max = coalesce(r.highest, p.base_price), updated_at = $2
FROM unnest($1::bigint[]) AS changed (id)
LEFT JOIN LATERAL (
  SELECT min(v.price) AS lowest, max(v.price) AS highest
  FROM variant v
  WHERE v.product_id = changed.id AND v.archived_at IS NULL
) r ON true
WHERE p.id = changed.id

-- name: list_images
SELECT id, url, alt_text, position FROM product_image
WHERE product_id = $1 AND (position, id) > ($2, $3)
ORDER BY position, id
LIMIT $4

-- name: list_images_backward
SELECT id, url, alt_text, position FROM product_image
WHERE product_id = $1 AND (position, id) < ($2, $3)
ORDER BY position DESC, id DESC
LIMIT $4

-- name: count_images
SELECT count(*) FROM product_image WHERE product_id = $1

-- name: insert_image
-- Where no position is given, behind the others.
INSERT INTO product_image (product_id, url, alt_text, position)
SELECT $1, $2, $3, coalesce($4, (SELECT max(position) + 1 FROM product_image WHERE product_id = $1), 0)
RETURNING id, position

-- name: delete_image
DELETE FROM product_image WHERE product_id = $1 AND id = $2
