-- name: read_variants
-- The live ones of a product, from an id on.
SELECT v.id, v.sku, v.name, v.price, v.compare_at_price, v.image_url, v.weight_grams,
       greatest(coalesce(s.on_hand - s.reserved, 0), 0),
       coalesce(a.attribute_ids, '{}'), coalesce(a.attributes, '{}'), coalesce(a.value_ids, '{}'), coalesce(a.values, '{}')
FROM variant v
LEFT JOIN stock s ON s.variant_id = v.id
LEFT JOIN LATERAL (
  SELECT array_agg(av.attribute_id ORDER BY av.position, av.attribute_id) AS attribute_ids,
         array_agg(a.name ORDER BY av.position, av.attribute_id) AS attributes,
         array_agg(x.id ORDER BY av.position, av.attribute_id) AS value_ids,
         array_agg(x.value ORDER BY av.position, av.attribute_id) AS values
  FROM variant_attribute_value av
  JOIN attribute a ON a.id = av.attribute_id
  JOIN attribute_value x ON x.id = av.attribute_value_id
  WHERE av.variant_id = v.id
) a ON true
WHERE v.product_id = $1 AND v.archived_at IS NULL
ORDER BY v.position, v.id

-- name: find_offers
SELECT v.id, p.id, v.sku, p.name, p.slug, v.name, v.price, p.currency,
       coalesce(v.image_url, (SELECT i.url FROM product_image i WHERE i.product_id = p.id ORDER BY i.position, i.id LIMIT 1)),
       greatest(coalesce(s.on_hand - s.reserved, 0), 0)
FROM variant v
JOIN product p ON p.id = v.product_id
LEFT JOIN stock s ON s.variant_id = v.id
WHERE v.id = ANY ($1::bigint[]) AND v.archived_at IS NULL AND p.status = 'active'
ORDER BY v.id

-- name: taken_skus
SELECT sku FROM variant WHERE sku = ANY ($1::text[])

-- name: read_combinations
-- The live variants of a product with the values that they have, ascending.
SELECT v.id, coalesce(array_agg(av.attribute_value_id ORDER BY av.attribute_value_id)
                        FILTER (WHERE av.attribute_value_id IS NOT NULL), '{}')
FROM variant v
LEFT JOIN variant_attribute_value av ON av.variant_id = v.id
WHERE v.product_id = $1 AND v.archived_at IS NULL
GROUP BY v.id

-- name: insert_variants
INSERT INTO variant (product_id, sku, name, price, compare_at_price, follows_base_price, image_url, weight_grams, created_at)
SELECT $1, sku, name, price, compare_at_price, follows_base_price, image_url, weight_grams, $9
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::text[], $8::integer[]) WITH ORDINALITY
  AS new (sku, name, price, compare_at_price, follows_base_price, image_url, weight_grams, place)
ORDER BY place
ON CONFLICT (sku) DO NOTHING
RETURNING id, sku

-- name: insert_variant_values
INSERT INTO variant_attribute_value (variant_id, attribute_id, attribute_value_id, position)
SELECT variant_id, attribute_id, value_id, position
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[]) AS new (variant_id, attribute_id, value_id, position)

-- name: delete_variant_values
DELETE FROM variant_attribute_value WHERE variant_id = $1

-- name: lock_variant
SELECT id, sku, name, price, compare_at_price, follows_base_price, image_url, weight_grams
FROM variant
WHERE product_id = $1 AND id = $2 AND archived_at IS NULL
FOR UPDATE

-- name: update_variant
UPDATE variant
SET sku = $2, name = $3, price = $4, compare_at_price = $5, follows_base_price = $6, image_url = $7, weight_grams = $8
WHERE id = $1

-- name: archive_variant
UPDATE variant SET archived_at = $2
WHERE id = $1

-- name: delete_variant
DELETE FROM variant WHERE id = $1

-- name: variant_ids
SELECT id FROM variant WHERE product_id = $1
