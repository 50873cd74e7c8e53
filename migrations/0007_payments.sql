-- One row an attempt at a provider. Its tx_ref is stored before the provider hears of it.
--
-- captured and refunded are in captured_currency, which is the attempt's own unless the provider took another.
-- closed_at: the provider was told to take no more money under this reference, or never knew it. A failed or cancelled
-- attempt may still succeed (the payer tries again in the same session); an unclosed one is closed before the next.
CREATE TABLE payment (
  id                 uuid        PRIMARY KEY,
  order_id           uuid        NOT NULL REFERENCES orders (id),
  provider           text        NOT NULL,
  tx_ref             text        NOT NULL,
  amount             bigint      NOT NULL,
  currency           text        NOT NULL,
  status             text        NOT NULL DEFAULT 'pending',
  payment_url        text,
  provider_reference text,
  captured           bigint      NOT NULL DEFAULT 0,
  captured_currency  text        NOT NULL,
  refunded           bigint      NOT NULL DEFAULT 0,
  detail             text        NOT NULL DEFAULT '',
  created_at         timestamptz NOT NULL,
  expires_at         timestamptz NOT NULL,
  closed_at          timestamptz,
  settled_at         timestamptz,
  CONSTRAINT payment_tx_ref_key UNIQUE (tx_ref),
  CONSTRAINT payment_tx_ref_form CHECK (tx_ref ~ '^[A-Za-z0-9_-]{1,50}$'),
  CONSTRAINT payment_status_known CHECK
    (status IN ('pending', 'success', 'failed', 'cancelled', 'refund_required', 'partially_refunded', 'refunded')),
  CONSTRAINT payment_amount_positive CHECK (amount > 0),
  CONSTRAINT payment_refunded_within_captured CHECK (refunded BETWEEN 0 AND captured),
  CONSTRAINT payment_expires_after_created CHECK (expires_at > created_at),
  CONSTRAINT payment_settled_at CHECK
    ((status IN ('success', 'refund_required', 'partially_refunded', 'refunded')) = (settled_at IS NOT NULL)),
  CONSTRAINT payment_captured_when_settled CHECK (captured = 0 OR settled_at IS NOT NULL),
  CONSTRAINT payment_success_captured CHECK
    (status <> 'success' OR (captured = amount AND captured_currency = currency AND refunded = 0)),
  CONSTRAINT payment_partially_refunded CHECK (status <> 'partially_refunded' OR (refunded > 0 AND refunded < captured)),
  CONSTRAINT payment_refunded CHECK (status <> 'refunded' OR refunded = captured),
  CONSTRAINT payment_pending_is_open CHECK (status <> 'pending' OR closed_at IS NULL)
);
-- Nobody can pay twice: one living attempt an order, and one that settled it.
CREATE UNIQUE INDEX payment_one_alive ON payment (order_id) WHERE status = 'pending';
CREATE UNIQUE INDEX payment_one_success ON payment (order_id) WHERE status IN ('success', 'partially_refunded');
CREATE INDEX payment_order ON payment (order_id, created_at);

-- The ledger of money, and every message in and out (secrets masked). Append-only.
-- digest: SHA-256 of a message, so that one that comes again is not kept again; NULL for changes, which always are.
CREATE TABLE payment_event (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id uuid        REFERENCES payment (id), -- NULL: a signed message about a reference that we do not know
  tx_ref     text        NOT NULL,
  kind       text        NOT NULL,
  captured   bigint      NOT NULL DEFAULT 0,
  refunded   bigint      NOT NULL DEFAULT 0,
  currency   text,
  message    text        NOT NULL DEFAULT '',
  digest     text,
  created_at timestamptz NOT NULL,
  CONSTRAINT payment_event_money_has_currency CHECK ((captured = 0 AND refunded = 0) OR currency IS NOT NULL),
  CONSTRAINT payment_event_money_is_ours CHECK ((captured = 0 AND refunded = 0) OR payment_id IS NOT NULL)
);
CREATE INDEX payment_event_payment ON payment_event (payment_id, id);
CREATE UNIQUE INDEX payment_event_once ON payment_event (tx_ref, kind, digest) WHERE digest IS NOT NULL;
CREATE INDEX payment_event_unknown ON payment_event (created_at) WHERE payment_id IS NULL;
CREATE TRIGGER payment_event_append_only BEFORE UPDATE OR DELETE ON payment_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
