-- name: insert_user
INSERT INTO user_account (email, first_name, last_name, phone_number, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id

-- name: find_credentials
SELECT id, email, permissions, password_hash
FROM user_account
WHERE lower(email) = lower($1) AND is_active

-- name: find_user
SELECT id, email, first_name, last_name, phone_number
FROM user_account
WHERE id = $1 AND is_active

-- name: update_user
UPDATE user_account
SET first_name = coalesce($2, first_name),
    last_name = coalesce($3, last_name),
    phone_number = coalesce($4, phone_number)
WHERE id = $1 AND is_active
RETURNING id, email, first_name, last_name, phone_number

-- name: lock_current_password
-- Only where the account is still as it was when the password was checked. The lock keeps a change of the password
-- waiting until the new family is there to be ended by it.
SELECT id
FROM user_account
WHERE id = $1 AND password_hash = $2 AND is_active
FOR SHARE

-- name: rehash_password
UPDATE user_account
SET password_hash = $3
WHERE id = $1 AND password_hash = $2

-- name: find_password_hash
SELECT password_hash
FROM user_account
WHERE id = $1 AND is_active

-- name: change_password
-- No row where somebody else has changed it meanwhile.
UPDATE user_account
SET password_hash = $3
WHERE id = $1 AND password_hash = $2 AND is_active
RETURNING id

-- name: upsert_superuser
INSERT INTO user_account (email, password_hash, permissions, created_at)
VALUES ($1, $2, '{*}', $3)
ON CONFLICT (lower(email)) DO UPDATE
  SET password_hash = EXCLUDED.password_hash, permissions = EXCLUDED.permissions, is_active = true
RETURNING id

-- name: insert_refresh_token
INSERT INTO refresh_token (token_sha256, family_id, user_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5)

-- name: lock_token_owner
-- All that rotates or ends tokens of a user holds this row, so that no family grows while it is being ended. Weaker
-- than FOR UPDATE: foreign keys to the account need not wait. The token itself is read by a statement of its own,
-- which sees what was committed while this one waited.
SELECT id, email, permissions, is_active
FROM user_account
WHERE id = (SELECT user_id FROM refresh_token WHERE token_sha256 = $1)
FOR NO KEY UPDATE

-- name: find_refresh_token
SELECT family_id, expires_at, used_at IS NOT NULL, revoked_at IS NOT NULL
FROM refresh_token
WHERE token_sha256 = $1

-- name: use_refresh_token
UPDATE refresh_token
SET used_at = $2
WHERE token_sha256 = $1

-- name: end_family
UPDATE refresh_token
SET revoked_at = $2
WHERE family_id = (SELECT family_id FROM refresh_token WHERE token_sha256 = $1) AND revoked_at IS NULL

-- name: end_all_families
UPDATE refresh_token
SET revoked_at = $2
WHERE user_id = $1 AND revoked_at IS NULL

-- name: is_refresh_token_alive
SELECT EXISTS (
  SELECT
  FROM refresh_token AS token
  JOIN user_account AS owner ON owner.id = token.user_id
  WHERE token.token_sha256 = $1 AND token.expires_at > $2 AND token.used_at IS NULL AND token.revoked_at IS NULL
    AND owner.is_active
)

-- name: delete_expired_tokens
DELETE FROM refresh_token
WHERE token_sha256 IN (
  SELECT token_sha256
  FROM refresh_token
  WHERE expires_at < $1
  LIMIT $2
)
