-- A line that ends in "/* if … */" is there only where all that it names is asked for; listing.cpp makes the
-- statements of every question that can be asked, so that each is planned for what it asks. With all its lines, a
-- statement is valid too.
--
--   $1 words of the search (tsquery)      $2 $3 category by id or slug     $4 $5 brand by id or slug
--   $6 $7 $8 attributes, their values, how many attributes                 $9 $10 price from, to
--   $11 in stock: true, false, null       $12 status                       $13 $14 $15 $16 the cursor
--   $17 how many
--
-- Three things that the planner has to be told. LIMIT 101, the longest page: it takes LIMIT $17 for a tenth of the table,
-- and sorts it all. (SELECT true … LIMIT 1) for EXISTS: that it would hash, over all variants, for a page of twenty.
-- ANY (ARRAY(…)) for IN: it cannot know how few products a category has, and would walk past all the others.

-- name: list_products
WITH RECURSIVE given AS (
  SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::text, $6::text[], $7::text[], $8::integer,
         $13::bigint, $14::text, $15::timestamptz, $16::bigint
)
, below AS (                                                                                       /* if category */
  SELECT c.id FROM category c WHERE c.id = $2 OR c.slug = $3                                       /* if category */
  UNION                                                                                            /* if category */
  SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id                                   /* if category */
)                                                                                                  /* if category */
SELECT p.id, p.slug, p.name, p.base_price, p.price_min, p.price_max, p.currency, p.status, p.created_at, p.relevance,
       b.id, b.name, b.slug,
       coalesce(c.ids, '{}'), coalesce(c.names, '{}'), coalesce(c.slugs, '{}'),
       i.url, i.alt_text,
       p.status = 'active' AND coalesce((
         SELECT true FROM variant v JOIN stock s ON s.variant_id = v.id
         WHERE v.product_id = p.id AND v.archived_at IS NULL AND s.on_hand > s.reserved LIMIT 1), false) AS is_available
FROM (
  SELECT page.*, row_number() OVER () AS place
  FROM (
    SELECT p.id, p.slug, p.name, p.base_price, p.price_min, p.price_max, p.currency, p.status, p.created_at, p.brand_id,
      (ts_rank(p.search, to_tsquery('simple', $1)) * 1000000)::bigint +                            /* if search */
      0::bigint AS relevance
    FROM product p
    WHERE p.status = $12 AND p.price_max >= $9 AND p.price_min <= $10
      AND p.search @@ to_tsquery('simple', $1)                                                     /* if search */
      AND p.id = ANY (ARRAY(SELECT pc.product_id FROM product_category pc JOIN below ON below.id = pc.category_id)) /* if category */
      AND p.brand_id = (SELECT b.id FROM brand b WHERE b.id = $4 OR b.slug = $5 ORDER BY b.id = $4 DESC LIMIT 1) /* if brand */
      AND p.id = ANY (ARRAY(                                                                       /* if attributes */
        SELECT v.product_id                                                                        /* if attributes */
        FROM unnest($6, $7) AS wanted (attribute, value)                                           /* if attributes */
        JOIN attribute a ON lower(a.name) = lower(wanted.attribute) OR a.slug = wanted.attribute   /* if attributes */
        JOIN attribute_value x ON x.attribute_id = a.id AND lower(x.value) = lower(wanted.value)   /* if attributes */
        JOIN variant_attribute_value av ON av.attribute_value_id = x.id                            /* if attributes */
        JOIN variant v ON v.id = av.variant_id AND v.archived_at IS NULL                           /* if attributes */
        WHERE $11::boolean IS NOT TRUE                                                             /* if attributes */
          OR EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id AND s.on_hand > s.reserved)     /* if attributes */
        GROUP BY v.id HAVING count(DISTINCT wanted.attribute) = $8))                               /* if attributes */
      AND ($11::boolean IS NULL OR $11 = coalesce((
        SELECT true FROM variant v JOIN stock s ON s.variant_id = v.id
        WHERE v.product_id = p.id AND v.archived_at IS NULL AND s.on_hand > s.reserved LIMIT 1), false))
      AND (p.base_price, p.id) > ($13, $16)                                  /* if after by_base_price ascending */
      AND (p.base_price, p.id) < ($13, $16)                                  /* if after by_base_price descending */
      AND (left(p.name, 100), p.id) > ($14, $16)                             /* if after by_name ascending */
      AND (left(p.name, 100), p.id) < ($14, $16)                             /* if after by_name descending */
      AND (p.created_at, p.id) > ($15, $16)                                  /* if after by_created_at ascending */
      AND (p.created_at, p.id) < ($15, $16)                                  /* if after by_created_at descending */
      AND ((ts_rank(p.search, to_tsquery('simple', $1)) * 1000000)::bigint, p.id) > ($13, $16) /* if after by_relevance ascending */
      AND ((ts_rank(p.search, to_tsquery('simple', $1)) * 1000000)::bigint, p.id) < ($13, $16) /* if after by_relevance descending */
    ORDER BY
      p.base_price,                                                          /* if by_base_price ascending */
      p.base_price DESC,                                                     /* if by_base_price descending */
      left(p.name, 100),                                                     /* if by_name ascending */
      left(p.name, 100) DESC,                                                /* if by_name descending */
      p.created_at,                                                          /* if by_created_at ascending */
      p.created_at DESC,                                                     /* if by_created_at descending */
      relevance,                                                             /* if by_relevance ascending */
      relevance DESC,                                                        /* if by_relevance descending */
      p.id DESC,                                                             /* if descending */
      p.id
    LIMIT 101
  ) page
  LIMIT $17
) p
LEFT JOIN brand b ON b.id = p.brand_id
LEFT JOIN LATERAL (
  SELECT array_agg(c.id ORDER BY c.name, c.id) AS ids, array_agg(c.name ORDER BY c.name, c.id) AS names,
         array_agg(c.slug ORDER BY c.name, c.id) AS slugs
  FROM product_category pc JOIN category c ON c.id = pc.category_id
  WHERE pc.product_id = p.id
) c ON true
LEFT JOIN LATERAL (
  SELECT i.url, i.alt_text FROM product_image i WHERE i.product_id = p.id ORDER BY i.position, i.id LIMIT 1
) i ON true
ORDER BY p.place

-- name: count_products
WITH RECURSIVE given AS (
  SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::text, $6::text[], $7::text[], $8::integer
)
, below AS (                                                                                       /* if category */
  SELECT c.id FROM category c WHERE c.id = $2 OR c.slug = $3                                       /* if category */
  UNION                                                                                            /* if category */
  SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id                                   /* if category */
)                                                                                                  /* if category */
SELECT count(*)
FROM product p
WHERE p.status = $12 AND p.price_max >= $9 AND p.price_min <= $10
  AND p.search @@ to_tsquery('simple', $1)                                                         /* if search */
  AND p.id = ANY (ARRAY(SELECT pc.product_id FROM product_category pc JOIN below ON below.id = pc.category_id)) /* if category */
  AND p.brand_id = (SELECT b.id FROM brand b WHERE b.id = $4 OR b.slug = $5 ORDER BY b.id = $4 DESC LIMIT 1) /* if brand */
  AND p.id = ANY (ARRAY(                                                                           /* if attributes */
    SELECT v.product_id                                                                            /* if attributes */
    FROM unnest($6, $7) AS wanted (attribute, value)                                               /* if attributes */
    JOIN attribute a ON lower(a.name) = lower(wanted.attribute) OR a.slug = wanted.attribute       /* if attributes */
    JOIN attribute_value x ON x.attribute_id = a.id AND lower(x.value) = lower(wanted.value)       /* if attributes */
    JOIN variant_attribute_value av ON av.attribute_value_id = x.id                                /* if attributes */
    JOIN variant v ON v.id = av.variant_id AND v.archived_at IS NULL                               /* if attributes */
    WHERE $11::boolean IS NOT TRUE                                                                 /* if attributes */
      OR EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id AND s.on_hand > s.reserved)         /* if attributes */
    GROUP BY v.id HAVING count(DISTINCT wanted.attribute) = $8))                                   /* if attributes */
  AND ($11::boolean IS NULL OR $11 = EXISTS (
    SELECT FROM variant v JOIN stock s ON s.variant_id = v.id
    WHERE v.product_id = p.id AND v.archived_at IS NULL AND s.on_hand > s.reserved))
