-- paid, refunded, payment_status: what payments told us, so that an order is read without them.
CREATE TABLE orders (
  id               uuid        PRIMARY KEY,
  number           text        NOT NULL,
  user_id          bigint      REFERENCES user_account (id) ON DELETE SET NULL,
  email            text        NOT NULL,
  status           text        NOT NULL DEFAULT 'pending',
  currency         text        NOT NULL,
  subtotal         bigint      NOT NULL,
  total            bigint      NOT NULL,
  paid             bigint      NOT NULL DEFAULT 0,
  refunded         bigint      NOT NULL DEFAULT 0,
  payment_status   text        NOT NULL DEFAULT 'pending',
  shipping_address text        NOT NULL,
  note             text        NOT NULL DEFAULT '',
  placed_at        timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  completed_at     timestamptz,
  shipped_at       timestamptz,
  delivered_at     timestamptz,
  expired_at       timestamptz,
  cancelled_at     timestamptz,
  refunded_at      timestamptz,
  CONSTRAINT orders_number_key UNIQUE (number),
  CONSTRAINT orders_status_known CHECK
    (status IN ('pending', 'completed', 'shipped', 'delivered', 'expired', 'cancelled', 'refunded')),
  CONSTRAINT orders_total_not_negative CHECK (subtotal >= 0 AND total >= 0),
  CONSTRAINT orders_refunded_within_paid CHECK (refunded BETWEEN 0 AND paid),
  CONSTRAINT orders_expires_after_placed CHECK (expires_at > placed_at),
  CONSTRAINT orders_completed_at CHECK (status NOT IN ('completed', 'shipped', 'delivered') OR completed_at IS NOT NULL),
  CONSTRAINT orders_completed_is_paid CHECK (status NOT IN ('completed', 'shipped', 'delivered') OR paid >= total),
  CONSTRAINT orders_shipped_at CHECK (status NOT IN ('shipped', 'delivered') OR shipped_at IS NOT NULL),
  CONSTRAINT orders_delivered_at CHECK (status <> 'delivered' OR delivered_at IS NOT NULL),
  CONSTRAINT orders_expired_at CHECK (status <> 'expired' OR expired_at IS NOT NULL),
  CONSTRAINT orders_cancelled_at CHECK (status <> 'cancelled' OR cancelled_at IS NOT NULL),
  CONSTRAINT orders_refunded_at CHECK (status <> 'refunded' OR refunded_at IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX orders_user ON orders (user_id, id);
CREATE INDEX orders_email ON orders (lower(email), id);
CREATE INDEX orders_expiring ON orders (expires_at) WHERE status = 'pending';

CREATE TABLE order_line (
  order_id     uuid    NOT NULL REFERENCES orders (id),
  position     integer NOT NULL,
  variant_id   bigint  NOT NULL REFERENCES variant (id),
  sku          text    NOT NULL,
  product_name text    NOT NULL,
  variant_name text    NOT NULL,
  quantity     integer NOT NULL,
  unit_price   bigint  NOT NULL,
  total        bigint  NOT NULL,
  PRIMARY KEY (order_id, position),
  CONSTRAINT order_line_quantity_positive CHECK (quantity > 0),
  CONSTRAINT order_line_total CHECK (total = unit_price * quantity)
);
CREATE INDEX order_line_variant ON order_line (variant_id);
