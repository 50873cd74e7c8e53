-- How many of a variant one may order: in one order, and one customer in all. NULL: as many as there are.
ALTER TABLE stock
  ADD COLUMN max_per_order integer,
  ADD COLUMN max_per_customer integer,
  ADD CONSTRAINT stock_max_per_order_positive CHECK (max_per_order > 0),
  ADD CONSTRAINT stock_max_per_customer_positive CHECK (max_per_customer > 0);
