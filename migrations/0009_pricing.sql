-- What an order costs beside its goods: shipping, tax, promotions. Amounts are minor units.

ALTER TABLE variant
  ADD COLUMN weight_grams integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT variant_weight_not_negative CHECK (weight_grams >= 0);

-- Another value after every change of a rule: a placement that finds the one it knows need not read the rules again.
-- Random, so that two databases never have the same.
CREATE TABLE pricing_revision (
  is_only  boolean PRIMARY KEY DEFAULT true,
  revision uuid    NOT NULL DEFAULT gen_random_uuid(),
  CONSTRAINT pricing_revision_is_only CHECK (is_only)
);
INSERT INTO pricing_revision (is_only) VALUES (true);

CREATE FUNCTION renew_pricing_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE pricing_revision SET revision = gen_random_uuid();
  RETURN NULL;
END $$;

-- price for every parcel, price_per_kg for every kilogram begun, nothing from free_from on. No countries: everywhere.
CREATE TABLE shipping_method (
  id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name             text        NOT NULL,
  currency         text        NOT NULL,
  price            bigint      NOT NULL,
  price_per_kg     bigint      NOT NULL DEFAULT 0,
  free_from        bigint,
  countries        text[]      NOT NULL DEFAULT '{}',
  max_weight_grams bigint,
  is_active        boolean     NOT NULL DEFAULT true,
  created_at       timestamptz NOT NULL,
  CONSTRAINT shipping_method_name_key UNIQUE (name),
  CONSTRAINT shipping_method_currency_known CHECK (currency IN ('ETB', 'USD')),
  CONSTRAINT shipping_method_price_not_negative CHECK (price >= 0 AND price_per_kg >= 0 AND free_from >= 0),
  CONSTRAINT shipping_method_weight_positive CHECK (max_weight_grams > 0)
);
CREATE TRIGGER shipping_method_is_a_rule AFTER INSERT OR UPDATE OR DELETE ON shipping_method
  FOR EACH STATEMENT EXECUTE FUNCTION renew_pricing_revision();

-- The rate of a country, or of a category there and of what lies below it.
CREATE TABLE tax_rate (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text        NOT NULL,
  country      text        NOT NULL,
  category_id  bigint      REFERENCES category (id) ON DELETE CASCADE,
  basis_points integer     NOT NULL,
  is_included  boolean     NOT NULL,
  created_at   timestamptz NOT NULL,
  CONSTRAINT tax_rate_key UNIQUE NULLS NOT DISTINCT (country, category_id),
  CONSTRAINT tax_rate_country CHECK (country ~ '^[A-Z]{2}$'),
  CONSTRAINT tax_rate_basis_points CHECK (basis_points BETWEEN 0 AND 10000)
);
CREATE INDEX tax_rate_category ON tax_rate (category_id);
CREATE TRIGGER tax_rate_is_a_rule AFTER INSERT OR UPDATE OR DELETE ON tax_rate
  FOR EACH STATEMENT EXECUTE FUNCTION renew_pricing_revision();

-- code: in capital letters; NULL: for every order that it fits. target_ids: products or categories; one that is
-- deleted is never another's id, so it is just no longer met.
CREATE TABLE promotion (
  id                    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name                  text        NOT NULL,
  code                  text,
  kind                  text        NOT NULL,
  basis_points          integer     NOT NULL,
  amount                bigint      NOT NULL,
  currency              text        NOT NULL,
  applies_to            text        NOT NULL,
  target_ids            bigint[]    NOT NULL DEFAULT '{}',
  minimum_subtotal      bigint,
  starts_at             timestamptz NOT NULL,
  ends_at               timestamptz,
  priority              integer     NOT NULL DEFAULT 0,
  is_exclusive          boolean     NOT NULL DEFAULT false,
  max_uses_per_customer bigint,
  created_at            timestamptz NOT NULL,
  CONSTRAINT promotion_code_key UNIQUE (code),
  CONSTRAINT promotion_kind_known CHECK (kind IN ('percentage', 'amount')),
  CONSTRAINT promotion_value CHECK
    (CASE kind WHEN 'percentage' THEN basis_points BETWEEN 1 AND 10000 AND amount = 0
               ELSE amount > 0 AND basis_points = 0 END),
  CONSTRAINT promotion_currency_known CHECK (currency IN ('ETB', 'USD')),
  CONSTRAINT promotion_target_known CHECK (applies_to IN ('order', 'product', 'category')),
  CONSTRAINT promotion_has_targets CHECK ((applies_to = 'order') = (cardinality(target_ids) = 0)),
  CONSTRAINT promotion_minimum_not_negative CHECK (minimum_subtotal >= 0),
  CONSTRAINT promotion_window CHECK (ends_at >= starts_at),
  CONSTRAINT promotion_per_customer_positive CHECK (max_uses_per_customer > 0)
);
CREATE TRIGGER promotion_is_a_rule AFTER INSERT OR UPDATE OR DELETE ON promotion
  FOR EACH STATEMENT EXECUTE FUNCTION renew_pricing_revision();

-- The row that a use takes: one for each promotion, locked by ascending id after the variants and before the order.
CREATE TABLE promotion_limit (
  promotion_id bigint PRIMARY KEY REFERENCES promotion (id) ON DELETE CASCADE,
  max_uses     bigint,
  used         bigint NOT NULL DEFAULT 0,
  CONSTRAINT promotion_limit_positive CHECK (max_uses > 0),
  CONSTRAINT promotion_limit_used CHECK (used >= 0 AND (max_uses IS NULL OR used <= max_uses))
) WITH (fillfactor = 50);

-- And one for each of its customers, guarded by the lock of the promotion's. max_uses: what held at the last use.
CREATE TABLE promotion_customer (
  promotion_id bigint NOT NULL REFERENCES promotion (id) ON DELETE CASCADE,
  customer     text   NOT NULL,
  max_uses     bigint,
  used         bigint NOT NULL,
  PRIMARY KEY (promotion_id, customer),
  CONSTRAINT promotion_customer_used CHECK (used >= 0 AND (max_uses IS NULL OR used <= max_uses))
);

-- The ledger: an order's use (+1), and its end where the order was never paid (−1). Append-only.
CREATE TABLE promotion_use (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  promotion_id bigint      NOT NULL REFERENCES promotion (id),
  order_id     uuid        NOT NULL,
  customer     text        NOT NULL,
  change       integer     NOT NULL,
  created_at   timestamptz NOT NULL,
  CONSTRAINT promotion_use_change CHECK (change IN (1, -1))
);
CREATE INDEX promotion_use_order ON promotion_use (order_id);
CREATE INDEX promotion_use_promotion ON promotion_use (promotion_id, id);
CREATE TRIGGER promotion_use_append_only BEFORE UPDATE OR DELETE ON promotion_use
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- tax: all that is in the total; tax_included: the part of it that the prices contain.
ALTER TABLE orders
  ADD COLUMN discount     bigint NOT NULL DEFAULT 0,
  ADD COLUMN shipping     bigint NOT NULL DEFAULT 0,
  ADD COLUMN tax          bigint NOT NULL DEFAULT 0,
  ADD COLUMN tax_included bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT orders_discount_within_subtotal CHECK (discount BETWEEN 0 AND subtotal),
  ADD CONSTRAINT orders_shipping_not_negative CHECK (shipping >= 0),
  ADD CONSTRAINT orders_tax_included_within_tax CHECK (tax_included BETWEEN 0 AND tax),
  ADD CONSTRAINT orders_total_is_explained CHECK (total = subtotal - discount + shipping + tax - tax_included);

ALTER TABLE order_line
  ADD COLUMN discount bigint NOT NULL DEFAULT 0,
  ADD COLUMN tax      bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT order_line_discount_within_total CHECK (discount BETWEEN 0 AND total),
  ADD CONSTRAINT order_line_tax_not_negative CHECK (tax >= 0);

-- Why an order's total is what it is, frozen as its prices are. line: the position of its line; NULL: shipping.
CREATE TABLE order_adjustment (
  order_id    uuid    NOT NULL REFERENCES orders (id),
  position    integer NOT NULL,
  kind        text    NOT NULL,
  rule_id     bigint  NOT NULL,
  label       text    NOT NULL,
  code        text,
  line        integer,
  amount      bigint  NOT NULL,
  is_included boolean NOT NULL,
  PRIMARY KEY (order_id, position),
  CONSTRAINT order_adjustment_kind_known CHECK (kind IN ('discount', 'shipping', 'tax')),
  CONSTRAINT order_adjustment_amount_not_negative CHECK (amount >= 0),
  CONSTRAINT order_adjustment_included_is_tax CHECK (kind = 'tax' OR NOT is_included),
  CONSTRAINT order_adjustment_line CHECK (CASE kind WHEN 'discount' THEN line IS NOT NULL WHEN 'shipping' THEN line IS NULL ELSE true END),
  CONSTRAINT order_adjustment_of_line FOREIGN KEY (order_id, line) REFERENCES order_line (order_id, position)
);
