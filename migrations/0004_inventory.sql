-- on_hand: pieces in the house. reserved: those of them that live orders hold. Half the page stays free, so that the
-- many updates of a hot row stay on it.
CREATE TABLE stock (
  variant_id bigint  PRIMARY KEY REFERENCES variant (id) ON DELETE CASCADE,
  on_hand    integer NOT NULL DEFAULT 0,
  reserved   integer NOT NULL DEFAULT 0,
  CONSTRAINT stock_reserved_within_on_hand CHECK (reserved BETWEEN 0 AND on_hand)
) WITH (fillfactor = 50);

-- The ledger: stock changes only with a row in here, in the same transaction.
CREATE TABLE stock_movement (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  variant_id      bigint      NOT NULL REFERENCES variant (id),
  on_hand_change  integer     NOT NULL,
  reserved_change integer     NOT NULL,
  reason          text        NOT NULL,
  note            text        NOT NULL DEFAULT '',
  order_id        uuid,
  user_id         bigint,
  created_at      timestamptz NOT NULL,
  CONSTRAINT stock_movement_moves CHECK (on_hand_change <> 0 OR reserved_change <> 0)
);
CREATE INDEX stock_movement_variant ON stock_movement (variant_id, id);
CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
