-- Pieces of a line that came back, or will not leave any more: they are neither held nor shipped.
ALTER TABLE order_line
  ADD COLUMN returned integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT order_line_returned_within_quantity CHECK (returned BETWEEN 0 AND quantity);

-- refund_reserved: the sum of all refunds but those that failed or were reversed; refunded: of those that are with the
-- payer. next_check_at: when the reconciler asks the provider (again); NULL: no more. checks: how often it has.
ALTER TABLE payment
  ADD COLUMN refund_reserved bigint      NOT NULL DEFAULT 0,
  ADD COLUMN next_check_at   timestamptz,
  ADD COLUMN checks          integer     NOT NULL DEFAULT 0,
  ADD CONSTRAINT payment_refunds_within_captured CHECK (refund_reserved BETWEEN refunded AND captured);
UPDATE payment SET refund_reserved = refunded WHERE refunded > 0;
UPDATE payment SET next_check_at = now()
WHERE status IN ('pending', 'failed', 'cancelled') AND expires_at > now() - interval '1 day';
CREATE INDEX payment_due ON payment (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payment_status ON payment (status, id);

-- Money on its way back. The row is committed before the provider hears of it.
--
-- reference: ours, which the provider takes once. sent_at: from then on the provider may have heard of it, so it is
-- asked before it is told again. accepted_at: the provider has it.
CREATE TABLE refund (
  id                 uuid        PRIMARY KEY,
  payment_id         uuid        NOT NULL REFERENCES payment (id),
  reference          text        NOT NULL,
  provider_reference text,
  amount             bigint      NOT NULL,
  currency           text        NOT NULL,
  reason             text        NOT NULL DEFAULT '',
  origin             text        NOT NULL,
  requested_by       bigint,
  status             text        NOT NULL DEFAULT 'initiated',
  detail             text        NOT NULL DEFAULT '',
  created_at         timestamptz NOT NULL,
  sent_at            timestamptz,
  accepted_at        timestamptz,
  settled_at         timestamptz,
  next_check_at      timestamptz,
  checks             integer     NOT NULL DEFAULT 0,
  CONSTRAINT refund_reference_key UNIQUE (reference),
  CONSTRAINT refund_reference_form CHECK (reference ~ '^[A-Za-z0-9_-]{1,50}$'),
  CONSTRAINT refund_amount_positive CHECK (amount > 0),
  CONSTRAINT refund_origin_known CHECK (origin IN ('staff', 'cancellation', 'automatic', 'provider')),
  CONSTRAINT refund_status_known CHECK (status IN ('initiated', 'processing', 'refunded', 'reversed', 'failed')),
  CONSTRAINT refund_settled_at CHECK ((status IN ('refunded', 'reversed', 'failed')) = (settled_at IS NOT NULL)),
  CONSTRAINT refund_settled_is_not_checked CHECK (settled_at IS NULL OR next_check_at IS NULL)
);
CREATE INDEX refund_payment ON refund (payment_id, id);
CREATE INDEX refund_due ON refund (next_check_at) WHERE next_check_at IS NOT NULL;

-- References that a signed message named and that we do not know (yet): looked at again for a day. The messages
-- themselves stay in payment_event.
CREATE TABLE unknown_reference (
  tx_ref        text        PRIMARY KEY,
  first_seen_at timestamptz NOT NULL,
  next_check_at timestamptz NOT NULL,
  checks        integer     NOT NULL DEFAULT 0
);
CREATE INDEX unknown_reference_due ON unknown_reference (next_check_at);
