-- The lock of the whole database against two that migrate at once; any number that nobody else uses.
-- name: lock_migrations
SELECT pg_advisory_lock(7205759403792793600)

-- name: create_schema_migration
CREATE TABLE IF NOT EXISTS schema_migration (
  version int PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: has_schema_migration
SELECT to_regclass('schema_migration') IS NOT NULL

-- name: find_applied
SELECT version, name, sha256 FROM schema_migration ORDER BY version

-- name: insert_applied
INSERT INTO schema_migration (version, name, sha256) VALUES ($1, $2, $3)
