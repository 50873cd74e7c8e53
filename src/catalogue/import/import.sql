-- Everything takes parallel arrays, one element a product, a variant, a picture …: a batch is a few statements.
-- What returns ids returns those of rows that it made or changed: rows that are right already are not written.

-- name: lock_products
SELECT id, slug, currency
FROM product
WHERE slug = ANY ($1::text[])
ORDER BY id
FOR UPDATE

-- name: known_variants
-- Those of the products, and those that have one of the SKUs.
SELECT v.id, v.sku, v.name, p.slug, v.archived_at IS NOT NULL
FROM product p JOIN variant v ON v.product_id = p.id
WHERE p.slug = ANY ($1::text[])
UNION
SELECT v.id, v.sku, v.name, p.slug, v.archived_at IS NOT NULL
FROM variant v JOIN product p ON p.id = v.product_id
WHERE v.sku = ANY ($2::text[])

-- name: find_brands
SELECT asked.place, b.id
FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place)
JOIN brand b ON lower(b.name) = lower(asked.name)
FOR KEY SHARE OF b

-- name: insert_brands
-- Those whose slug is taken, or that another transaction has made meanwhile, are left out.
INSERT INTO brand (name, slug, created_at)
SELECT name, slug, $3
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (name, slug, place)
ORDER BY lower(name), place
ON CONFLICT DO NOTHING

-- name: lock_category_tree
-- The number is the catalogue's lock for changes of the tree: two imports must not make the same category twice.
SELECT pg_advisory_xact_lock(7236018302)

-- name: find_categories
SELECT asked.place, min(c.id)
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS asked (parent_id, name, place)
JOIN category c ON c.parent_id IS NOT DISTINCT FROM asked.parent_id AND lower(c.name) = lower(asked.name)
GROUP BY asked.place

-- name: insert_categories
INSERT INTO category (parent_id, name, slug, created_at)
SELECT parent_id, name, slug, $4
FROM (
  SELECT DISTINCT ON (parent_id, lower(name)) parent_id, name, slug, place
  FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS new (parent_id, name, slug, place)
  ORDER BY parent_id, lower(name), place
) new
ORDER BY place
ON CONFLICT (slug) DO NOTHING

-- name: insert_products
INSERT INTO product (slug, name, description, brand_id, base_price, price_min, price_max, currency, status, created_at,
                     updated_at)
SELECT slug, name, description, brand_id, base_price, base_price, base_price, currency,
       coalesce(nullif(status, ''), 'active'), $8, $8
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[]) WITH ORDINALITY
  AS new (slug, name, description, brand_id, base_price, currency, status, place)
ORDER BY place
ON CONFLICT (slug) DO NOTHING
RETURNING id, slug

-- name: update_products
-- What the file leaves empty stays; what staff has archived stays archived.
UPDATE product p
SET name = new.name, description = new.description, brand_id = new.brand_id, base_price = new.base_price,
    status = new.status
FROM (
  SELECT old.id, given.name,
         coalesce(nullif(given.description, ''), old.description) AS description,
         coalesce(given.brand_id, old.brand_id) AS brand_id,
         given.base_price,
         CASE WHEN old.status = 'archived' THEN old.status ELSE coalesce(nullif(given.status, ''), old.status) END AS status
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
    AS given (id, name, description, brand_id, base_price, status)
  JOIN product old ON old.id = given.id
) new
WHERE p.id = new.id
  AND (p.name, p.description, p.brand_id, p.base_price, p.status)
      IS DISTINCT FROM (new.name, new.description, new.brand_id, new.base_price, new.status)
RETURNING p.id

-- name: insert_product_categories
INSERT INTO product_category (product_id, category_id)
SELECT product_id, category_id
FROM unnest($1::bigint[], $2::bigint[]) AS new (product_id, category_id)
ON CONFLICT DO NOTHING
RETURNING product_id

-- name: write_images
INSERT INTO product_image AS i (product_id, url, alt_text, position)
SELECT product_id, url, alt_text, position
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[]) WITH ORDINALITY
  AS new (product_id, url, alt_text, position, place)
ORDER BY place
ON CONFLICT (product_id, url) DO UPDATE
SET alt_text = coalesce(nullif(excluded.alt_text, ''), i.alt_text), position = excluded.position
WHERE (i.alt_text, i.position)
      IS DISTINCT FROM (coalesce(nullif(excluded.alt_text, ''), i.alt_text), excluded.position)
RETURNING i.product_id

-- name: park_variant_names
-- Two variants may exchange their options: for a moment none has a name that another is to have.
UPDATE variant v
SET name = v.id::text || chr(1)
FROM unnest($1::bigint[], $2::text[]) AS new (id, name)
WHERE v.id = new.id AND v.name <> new.name

-- name: update_variants
UPDATE variant v
SET name = new.name, price = new.price, compare_at_price = new.compare_at_price,
    follows_base_price = new.follows_base_price, position = new.position,
    image_url = coalesce(nullif(new.image_url, ''), v.image_url)
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::integer[], $7::text[])
  AS new (id, name, price, compare_at_price, follows_base_price, position, image_url)
WHERE v.id = new.id
  AND (v.name, v.price, v.compare_at_price, v.follows_base_price, v.position, v.image_url)
      IS DISTINCT FROM (new.name, new.price, new.compare_at_price, new.follows_base_price, new.position,
                        coalesce(nullif(new.image_url, ''), v.image_url))
RETURNING v.id

-- name: insert_variants
INSERT INTO variant (product_id, sku, name, price, compare_at_price, follows_base_price, position, image_url, created_at)
SELECT product_id, sku, name, price, compare_at_price, follows_base_price, position, nullif(image_url, ''), $9
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::integer[], $8::text[])
  WITH ORDINALITY AS new (product_id, sku, name, price, compare_at_price, follows_base_price, position, image_url, place)
ORDER BY place
ON CONFLICT (sku) DO NOTHING
RETURNING id, sku

-- name: follow_base_prices
-- Variants that the file does not name, and that have no price of their own.
UPDATE variant v SET price = p.base_price
FROM product p
WHERE p.id = ANY ($1::bigint[]) AND v.product_id = p.id AND v.follows_base_price AND v.price <> p.base_price

-- name: delete_other_values
DELETE FROM variant_attribute_value av
WHERE av.variant_id = ANY ($1::bigint[])
  AND NOT EXISTS (
    SELECT FROM unnest($2::bigint[], $3::bigint[]) AS new (variant_id, attribute_id)
    WHERE new.variant_id = av.variant_id AND new.attribute_id = av.attribute_id)
RETURNING av.variant_id

-- name: write_values
INSERT INTO variant_attribute_value AS av (variant_id, attribute_id, attribute_value_id, position)
SELECT variant_id, attribute_id, attribute_value_id, position
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[])
  AS new (variant_id, attribute_id, attribute_value_id, position)
ON CONFLICT (variant_id, attribute_id) DO UPDATE
SET attribute_value_id = excluded.attribute_value_id, position = excluded.position
WHERE (av.attribute_value_id, av.position) IS DISTINCT FROM (excluded.attribute_value_id, excluded.position)
RETURNING av.variant_id
