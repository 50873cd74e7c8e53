CREATE TABLE cart (
  id         uuid        PRIMARY KEY,
  user_id    bigint      REFERENCES user_account (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  ordered_at timestamptz
);
-- A user has one open cart.
CREATE UNIQUE INDEX cart_open_of_user ON cart (user_id) WHERE ordered_at IS NULL AND user_id IS NOT NULL;

-- unit_price: what it cost when it was added; the cart warns where that has changed.
CREATE TABLE cart_item (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cart_id    uuid        NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
  variant_id bigint      NOT NULL REFERENCES variant (id) ON DELETE CASCADE,
  quantity   integer     NOT NULL,
  unit_price bigint      NOT NULL,
  added_at   timestamptz NOT NULL,
  CONSTRAINT cart_item_variant_key UNIQUE (cart_id, variant_id),
  CONSTRAINT cart_item_quantity_positive CHECK (quantity > 0)
);
