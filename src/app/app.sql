-- name: count_migrations
SELECT count(*)
FROM schema_migration

-- name: has_products
SELECT EXISTS (SELECT 1 FROM product)

-- name: analyze
ANALYZE
