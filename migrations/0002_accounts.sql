CREATE TABLE user_account (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email         text        NOT NULL,
  first_name    text        NOT NULL DEFAULT '',
  last_name     text        NOT NULL DEFAULT '',
  phone_number  text        NOT NULL DEFAULT '',
  password_hash text        NOT NULL,
  permissions   text[]      NOT NULL DEFAULT '{}',
  is_active     boolean     NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL
);
-- One account an address, however it is capitalised.
CREATE UNIQUE INDEX user_account_email_key ON user_account (lower(email));

-- Refresh tokens, hashed. All that came from one sign-in are a family: a used one that comes again ends them all.
CREATE TABLE refresh_token (
  token_sha256 text        PRIMARY KEY,
  family_id    uuid        NOT NULL,
  user_id      bigint      NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX refresh_token_family ON refresh_token (family_id);
CREATE INDEX refresh_token_user ON refresh_token (user_id);
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
