-- :products products with :each variants each, as a shop has them: brands, categories, attributes, images, and :stock
-- pieces of everything, in the books from the first.
INSERT INTO brand (name, slug, created_at)
SELECT 'Brand ' || n, 'brand-' || n, now() FROM generate_series(1, 50) AS n;
INSERT INTO category (name, slug, created_at)
SELECT 'Category ' || n, 'category-' || n, now() FROM generate_series(1, 40) AS n;
INSERT INTO attribute (name, slug, created_at) VALUES ('Color', 'color', now()), ('Size', 'size', now());
INSERT INTO attribute_value (attribute_id, value, position)
SELECT a.id, v.value, v.position
FROM attribute a
JOIN (VALUES ('color', 'Red', 0), ('color', 'Blue', 1), ('size', 'Small', 0), ('size', 'Large', 1)) AS v (slug, value, position)
  ON v.slug = a.slug;

INSERT INTO product (name, slug, description, brand_id, base_price, price_min, price_max, currency, created_at, updated_at)
SELECT 'Product ' || n, 'product-' || n, 'Woven by hand of the cotton of the highlands, number ' || n || '. ' || repeat('Light and warm. ', 20),
       (SELECT min(id) FROM brand) + n % 50, 10000 + n, 10000 + n, 10000 + n, 'ETB', now() - n * interval '1 minute', now()
FROM generate_series(1, :products) AS n;
INSERT INTO product_category (product_id, category_id)
SELECT p.id, (SELECT min(id) FROM category) + p.id % 40 FROM product p;
INSERT INTO product_image (product_id, url, position)
SELECT p.id, 'https://images.example.com/' || p.slug || '-' || n || '.jpg', n FROM product p, generate_series(0, 2) AS n;

INSERT INTO variant (product_id, sku, name, price, follows_base_price, position, created_at)
SELECT p.id, 'SKU-' || p.id || '-' || n, (ARRAY['Red', 'Blue'])[1 + n % 2] || ' / ' || (ARRAY['Small', 'Large'])[1 + n / 2 % 2] ||
       CASE WHEN n < 4 THEN '' ELSE ' ' || n END, p.base_price, true, n, now()
FROM product p, generate_series(0, :each - 1) AS n;
INSERT INTO variant_attribute_value (variant_id, attribute_id, attribute_value_id, position)
SELECT v.id, a.id, x.id, CASE a.slug WHEN 'color' THEN 0 ELSE 1 END
FROM variant v
CROSS JOIN attribute a
JOIN attribute_value x ON x.attribute_id = a.id
  AND x.position = CASE a.slug WHEN 'color' THEN v.position % 2 ELSE v.position / 2 % 2 END;

INSERT INTO stock (variant_id, on_hand) SELECT id, :stock FROM variant;
INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, created_at)
SELECT id, :stock, 0, 'opening stock', now() FROM variant;
VACUUM ANALYZE;
