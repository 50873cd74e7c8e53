-- name: count_migrations
SELECT count(*)
FROM schema_migration

-- name: has_products
SELECT EXISTS (SELECT 1 FROM product)

-- name: analyze
ANALYZE

-- name: try_audit_lock
SELECT pg_try_advisory_xact_lock(hashtextextended('nexus audit', 0))

-- name: set_audit_memory
-- For this transaction alone: the sums of a million orders are hashed in memory. By one process: where there are nearly as
-- many groups as rows, handing them over to a second costs more than it saves.
SELECT set_config('work_mem', '256MB', true), set_config('hash_mem_multiplier', '2', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)

-- name: store_audit
INSERT INTO audit_report AS last (checked_at, took_ms, broken, report)
VALUES ($1, $2, $3, $4)
ON CONFLICT (is_only) DO UPDATE
  SET checked_at = EXCLUDED.checked_at, took_ms = EXCLUDED.took_ms, broken = EXCLUDED.broken, report = EXCLUDED.report
  WHERE last.checked_at <= EXCLUDED.checked_at

-- name: read_audit
SELECT report
FROM audit_report

-- name: read_audit_figures
SELECT checked_at, took_ms, broken
FROM audit_report
