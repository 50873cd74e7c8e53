CREATE TABLE category (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent_id  bigint      REFERENCES category (id),
  name       text        NOT NULL,
  slug       text        NOT NULL,
  position   integer     NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  CONSTRAINT category_slug_key UNIQUE (slug),
  CONSTRAINT category_not_its_own_parent CHECK (parent_id <> id)
);
CREATE INDEX category_parent ON category (parent_id);

CREATE TABLE brand (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL,
  slug       text        NOT NULL,
  website    text,
  created_at timestamptz NOT NULL,
  CONSTRAINT brand_slug_key UNIQUE (slug)
);
CREATE UNIQUE INDEX brand_name_key ON brand (lower(name));

CREATE TABLE attribute (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL,
  slug       text        NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT attribute_slug_key UNIQUE (slug)
);
CREATE UNIQUE INDEX attribute_name_key ON attribute (lower(name));

CREATE TABLE attribute_value (
  id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attribute_id bigint  NOT NULL REFERENCES attribute (id) ON DELETE CASCADE,
  value        text    NOT NULL,
  position     integer NOT NULL DEFAULT 0,
  CONSTRAINT attribute_value_of_attribute UNIQUE (id, attribute_id)
);
CREATE UNIQUE INDEX attribute_value_key ON attribute_value (attribute_id, lower(value));

-- Text as the search reads it: ASCII punctuation parts words on both sides, so that "T-shirt" is found by "shirt".
CREATE FUNCTION search_words(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(words, '[!-/:-@[-`{-~]+', ' ', 'g')
$$;

-- price_min, price_max: a summary of the live variants, kept with the product so that lists are cheap.
CREATE TABLE product (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text        NOT NULL,
  slug        text        NOT NULL,
  description text        NOT NULL DEFAULT '',
  brand_id    bigint      REFERENCES brand (id),
  base_price  bigint      NOT NULL,
  price_min   bigint      NOT NULL,
  price_max   bigint      NOT NULL,
  currency    text        NOT NULL,
  status      text        NOT NULL DEFAULT 'active',
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  search      tsvector    GENERATED ALWAYS AS
    (setweight(to_tsvector('simple', search_words(name)), 'A') ||
     setweight(to_tsvector('simple', search_words(left(description, 100000))), 'C')) STORED,
  CONSTRAINT product_slug_key UNIQUE (slug),
  CONSTRAINT product_price_not_negative CHECK (base_price >= 0 AND price_min >= 0),
  CONSTRAINT product_price_range CHECK (price_min <= price_max),
  CONSTRAINT product_status_known CHECK (status IN ('draft', 'active', 'archived')),
  CONSTRAINT product_currency_known CHECK (currency IN ('ETB', 'USD'))
);
CREATE INDEX product_brand ON product (brand_id);
CREATE INDEX product_created_at ON product (created_at, id);
CREATE INDEX product_base_price ON product (base_price, id);
-- The first 100 characters order a list: its cursors hold them.
CREATE INDEX product_name ON product (left(name, 100), id);
CREATE INDEX product_search ON product USING gin (search);

CREATE TABLE product_category (
  product_id  bigint NOT NULL REFERENCES product (id) ON DELETE CASCADE,
  category_id bigint NOT NULL REFERENCES category (id),
  PRIMARY KEY (product_id, category_id)
);
CREATE INDEX product_category_category ON product_category (category_id, product_id);

CREATE TABLE product_image (
  id         bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint  NOT NULL REFERENCES product (id) ON DELETE CASCADE,
  url        text    NOT NULL,
  alt_text   text    NOT NULL DEFAULT '',
  position   integer NOT NULL DEFAULT 0,
  CONSTRAINT product_image_url_key UNIQUE (product_id, url)
);

-- name: "Red / Large", from the attribute values; empty where the product has one plain variant.
-- follows_base_price: no price of its own was given; it changes with the product's base price.
CREATE TABLE variant (
  id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id       bigint      NOT NULL REFERENCES product (id) ON DELETE CASCADE,
  sku              text        NOT NULL,
  name             text        NOT NULL DEFAULT '',
  price            bigint      NOT NULL,
  compare_at_price bigint,
  follows_base_price boolean   NOT NULL DEFAULT false,
  position         integer     NOT NULL DEFAULT 0,
  image_url        text,
  created_at       timestamptz NOT NULL,
  archived_at      timestamptz,
  CONSTRAINT variant_sku_key UNIQUE (sku),
  CONSTRAINT variant_price_not_negative CHECK (price >= 0),
  CONSTRAINT variant_compare_at_price_above CHECK (compare_at_price IS NULL OR compare_at_price >= 0)
);
-- Its variants, and: no two live ones of a product with the same combination of values.
CREATE UNIQUE INDEX variant_combination_key ON variant (product_id, name) WHERE archived_at IS NULL;
CREATE INDEX variant_product ON variant (product_id, position, id);

CREATE TABLE variant_attribute_value (
  variant_id         bigint NOT NULL REFERENCES variant (id) ON DELETE CASCADE,
  attribute_id       bigint NOT NULL,
  attribute_value_id bigint NOT NULL,
  position           integer NOT NULL DEFAULT 0,
  PRIMARY KEY (variant_id, attribute_id),
  CONSTRAINT variant_attribute_value_known FOREIGN KEY (attribute_value_id, attribute_id) REFERENCES attribute_value (id, attribute_id)
);
CREATE INDEX variant_attribute_value_value ON variant_attribute_value (attribute_value_id);
