-- How many of a variant one may order: in one order, and one customer in all. NULL: as many as there are.
ALTER TABLE stock
  ADD COLUMN max_per_order integer,
  ADD COLUMN max_per_customer integer,
  ADD CONSTRAINT stock_max_per_order_positive CHECK (max_per_order > 0),
  ADD CONSTRAINT stock_max_per_customer_positive CHECK (max_per_customer > 0);

-- Placing orders is the shop's hottest path, and a foreign key is checked row by row: three look-ups and row locks an
-- order, of rows that the same transaction has locked or made already. The wall moves to where it costs nothing: what
-- orders and the ledger refer to cannot be removed. (nexus audit looks for lines and movements that refer to nothing.)
ALTER TABLE order_line
  DROP CONSTRAINT order_line_order_id_fkey,
  DROP CONSTRAINT order_line_variant_id_fkey;
ALTER TABLE stock_movement DROP CONSTRAINT stock_movement_variant_id_fkey;

CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are kept for ever', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER orders_kept BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_removal();

-- Under the lock that every order of the variant takes first, so that none comes in between.
CREATE FUNCTION refuse_removal_of_moved_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM stock WHERE variant_id = OLD.id FOR UPDATE;
  IF EXISTS (SELECT FROM stock_movement WHERE variant_id = OLD.id) THEN
    RAISE EXCEPTION 'variant % stands in the ledger', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER variant_kept_once_moved BEFORE DELETE ON variant
  FOR EACH ROW EXECUTE FUNCTION refuse_removal_of_moved_variant();

-- A variant's orders are found by the ledger, which has each of them.
DROP INDEX order_line_variant;
-- Guests have no account.
DROP INDEX orders_user;
CREATE INDEX orders_user ON orders (user_id, id) WHERE user_id IS NOT NULL;
-- Keys are made in order of time, and read by it once in a while: to delete the old ones.
DROP INDEX idempotency_key_created_at;
CREATE INDEX idempotency_key_created_at ON idempotency_key USING brin (created_at) WITH (pages_per_range = 16);
