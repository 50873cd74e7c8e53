-- Categories, brands, attributes.

-- name: list_categories
SELECT id, name, slug, parent_id, position FROM category
WHERE (name, id) > ($1, $2)
ORDER BY name, id
LIMIT $3

-- name: list_categories_backward
SELECT id, name, slug, parent_id, position FROM category
WHERE (name, id) < ($1, $2)
ORDER BY name DESC, id DESC
LIMIT $3

-- name: count_categories
SELECT count(*) FROM category

-- name: read_category_tree
SELECT id, name, slug, parent_id, position FROM category
ORDER BY position, name, id

-- name: read_category
SELECT id, name, slug, parent_id, position FROM category
WHERE id = $1 OR slug = $2

-- name: lock_category
SELECT id, name, slug, parent_id, position FROM category
WHERE id = $1 OR slug = $2
FOR UPDATE

-- name: lock_category_tree
-- One move at a time: two that look at the tree at once could together make a cycle that neither sees. The number
-- is this lock's alone.
SELECT pg_advisory_xact_lock(7236018302)

-- name: is_below
-- Whether the first lies below the second, or is it.
WITH RECURSIVE above AS (
  SELECT id, parent_id FROM category WHERE id = $1
  UNION
  SELECT c.id, c.parent_id FROM category c JOIN above a ON c.id = a.parent_id
)
SELECT EXISTS (SELECT FROM above WHERE id = $2)

-- name: insert_category
INSERT INTO category (parent_id, name, slug, position, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (slug) DO NOTHING
RETURNING id

-- name: update_category
UPDATE category SET parent_id = $2, name = $3, slug = $4, position = $5
WHERE id = $1

-- name: category_is_used
SELECT EXISTS (SELECT FROM category WHERE parent_id = $1) OR EXISTS (SELECT FROM product_category WHERE category_id = $1)

-- name: delete_category
DELETE FROM category WHERE id = $1

-- name: taken_category_slugs
SELECT slug FROM category WHERE slug = ANY ($1::text[])

-- name: list_brands
SELECT id, name, slug, website FROM brand
WHERE (name, id) > ($1, $2)
ORDER BY name, id
LIMIT $3

-- name: list_brands_backward
SELECT id, name, slug, website FROM brand
WHERE (name, id) < ($1, $2)
ORDER BY name DESC, id DESC
LIMIT $3

-- name: count_brands
SELECT count(*) FROM brand

-- name: read_brand
SELECT id, name, slug, website FROM brand
WHERE id = $1 OR slug = $2

-- name: lock_brand
SELECT id, name, slug, website FROM brand
WHERE id = $1 OR slug = $2
FOR UPDATE

-- name: insert_brand
INSERT INTO brand (name, slug, website, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (slug) DO NOTHING
RETURNING id

-- name: update_brand
UPDATE brand SET name = $2, slug = $3, website = $4
WHERE id = $1

-- name: brand_is_used
SELECT EXISTS (SELECT FROM product WHERE brand_id = $1)

-- name: delete_brand
DELETE FROM brand WHERE id = $1

-- name: taken_brand_slugs
SELECT slug FROM brand WHERE slug = ANY ($1::text[])

-- name: list_attributes
SELECT a.id, a.name, a.slug, coalesce(x.ids, '{}'), coalesce(x.values, '{}')
FROM attribute a
LEFT JOIN LATERAL (
  SELECT array_agg(x.id ORDER BY x.position, x.id) AS ids, array_agg(x.value ORDER BY x.position, x.id) AS values
  FROM attribute_value x WHERE x.attribute_id = a.id
) x ON true
WHERE (a.name, a.id) > ($1, $2)
ORDER BY a.name, a.id
LIMIT $3

-- name: list_attributes_backward
SELECT a.id, a.name, a.slug, coalesce(x.ids, '{}'), coalesce(x.values, '{}')
FROM attribute a
LEFT JOIN LATERAL (
  SELECT array_agg(x.id ORDER BY x.position, x.id) AS ids, array_agg(x.value ORDER BY x.position, x.id) AS values
  FROM attribute_value x WHERE x.attribute_id = a.id
) x ON true
WHERE (a.name, a.id) < ($1, $2)
ORDER BY a.name DESC, a.id DESC
LIMIT $3

-- name: count_attributes
SELECT count(*) FROM attribute

-- name: read_attribute
SELECT a.id, a.name, a.slug, coalesce(x.ids, '{}'), coalesce(x.values, '{}')
FROM attribute a
LEFT JOIN LATERAL (
  SELECT array_agg(x.id ORDER BY x.position, x.id) AS ids, array_agg(x.value ORDER BY x.position, x.id) AS values
  FROM attribute_value x WHERE x.attribute_id = a.id
) x ON true
WHERE a.id = $1 OR a.slug = $2

-- name: lock_attribute
SELECT id FROM attribute
WHERE id = $1 OR slug = $2
FOR UPDATE

-- name: insert_attribute
INSERT INTO attribute (name, slug, created_at)
VALUES ($1, $2, $3)
ON CONFLICT (slug) DO NOTHING
RETURNING id

-- name: update_attribute
UPDATE attribute SET name = $2
WHERE id = $1

-- name: attribute_is_used
SELECT EXISTS (
  SELECT FROM attribute_value x JOIN variant_attribute_value av ON av.attribute_value_id = x.id
  WHERE x.attribute_id = $1)

-- name: delete_attribute
DELETE FROM attribute WHERE id = $1

-- name: taken_attribute_slugs
SELECT slug FROM attribute WHERE slug = ANY ($1::text[])

-- name: insert_attribute_values
INSERT INTO attribute_value (attribute_id, value, position)
SELECT $1, new.value, coalesce((SELECT max(position) FROM attribute_value WHERE attribute_id = $1), 0) + new.place::integer
FROM unnest($2::text[]) WITH ORDINALITY AS new (value, place)
ORDER BY new.place
RETURNING id, value

-- name: read_attribute_values
-- In the order asked for; without a row where there is none of that id.
SELECT asked.place, x.id, x.attribute_id, a.name, x.value
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN attribute_value x ON x.id = asked.id
JOIN attribute a ON a.id = x.attribute_id

-- name: find_attributes
SELECT asked.place, a.id, a.name
FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place)
JOIN attribute a ON lower(a.name) = lower(asked.name)

-- name: read_attribute_names
SELECT id, name FROM attribute WHERE id = ANY ($1::bigint[])

-- name: ensure_attributes
-- Those that another transaction made meanwhile, or whose slug is taken, are left out.
INSERT INTO attribute (name, slug, created_at)
SELECT name, slug, $3
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (name, slug, place)
ORDER BY lower(name), place
ON CONFLICT DO NOTHING

-- name: find_values
SELECT asked.place, x.id, x.value
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS asked (attribute_id, value, place)
JOIN attribute_value x ON x.attribute_id = asked.attribute_id AND lower(x.value) = lower(asked.value)

-- name: ensure_values
INSERT INTO attribute_value (attribute_id, value, position)
SELECT new.attribute_id, new.value,
       coalesce((SELECT max(position) FROM attribute_value x WHERE x.attribute_id = new.attribute_id), 0) + new.place::integer
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS new (attribute_id, value, place)
ORDER BY new.attribute_id, lower(new.value), new.place
ON CONFLICT DO NOTHING
