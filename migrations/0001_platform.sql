-- What the platform itself keeps: answers to Idempotency-Keys, and the tasks of the outbox.

-- Rows of the past are never changed or removed; a trigger says so to everybody.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE idempotency_key (
  scope          text        NOT NULL,
  key            text        NOT NULL,
  request_sha256 text        NOT NULL,
  created_at     timestamptz NOT NULL,
  status         integer,
  content_type   text,
  body           text,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);

-- The outbox: a row is written in the transaction that causes it.
CREATE TABLE task (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text        NOT NULL,
  payload      text        NOT NULL DEFAULT '{}',
  unique_key   text        UNIQUE,
  state        text        NOT NULL DEFAULT 'available',
  attempt      integer     NOT NULL DEFAULT 0,
  max_attempts integer     NOT NULL DEFAULT 20,
  run_at       timestamptz NOT NULL,
  leased_until timestamptz,
  created_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  last_error   text,
  CONSTRAINT task_state_known CHECK (state IN ('available', 'running', 'done', 'dead')),
  CONSTRAINT task_attempts CHECK (attempt BETWEEN 0 AND max_attempts),
  CONSTRAINT task_lease_while_running CHECK ((state = 'running') = (leased_until IS NOT NULL)),
  CONSTRAINT task_finished_at_its_end CHECK ((state IN ('done', 'dead')) = (finished_at IS NOT NULL))
);
CREATE INDEX task_available ON task (run_at, id) WHERE state = 'available';
CREATE INDEX task_leased ON task (leased_until) WHERE state = 'running';
