"""Placing one order in a transaction of its own, for pgbench: the shop's statements, with what the shop writes."""
import json
import re

from shop import address
from statements import named_statements, with_values

number = "\\set n :n + 1\n\\set number :first + :client_id * :quota + :n - 1\n"
cart_id = "lpad(to_hex(:number::bigint), 32, '0')::uuid"
scope = "'guest POST /api/v1/orders/'"

# The lines as one row of arrays, so that carts of any size go through the same script.
lines = """SELECT array_agg(variant_id) AS variants, array_agg(quantity) AS quantities, array_agg(sku) AS skus,
       array_agg(product) AS products, array_agg(variant) AS names, array_agg(price) AS prices,
       array_agg(0) AS zeros, sum(quantity * price)::bigint AS total
FROM (
{lock_lines}
) AS l (variant_id, quantity, sku, product, variant, price, currency, is_sold, on_hand, reserved)"""


def quoted(text):
    """A constant; a colon before a letter would be a variable to pgbench."""
    return "'" + re.sub(r":(?=\w)", "-", text).replace("'", "''") + "'"


def placing_script(shop):
    """shop: it has answered an order with a key already. That answer stands for all that are stored."""
    cart = named_statements("src/cart/cart.sql")
    order = named_statements("bench/placing.sql")
    stock = named_statements("src/inventory/inventory.sql")
    keys = named_statements("src/platform/api/idempotency.sql")
    answer = shop.sql("SELECT body FROM idempotency_key WHERE status = 201 LIMIT 1")
    key = "'b-' || :number"
    shipping = quoted(json.dumps(address, separators=(",", ":")))
    begin = [
        "BEGIN",
        with_values(keys["claim_key"], scope, key, "repeat('0f', 32)", "now()"),
        with_values(cart["lock_cart"], cart_id),
    ]
    write = [
        with_values(order["insert_order"], cart_id, "'B' || :number", "NULL", "'b' || :number || '@example.com'", "'ETB'",
                    ":l_total", ":l_total", shipping, "''", "now()", "now() + interval '2 hours'"),
        with_values(order["insert_lines"], cart_id, ":l_variants", ":l_skus", ":l_products", ":l_names", ":l_quantities",
                    ":l_prices"),
        with_values(stock["change_stock"], ":l_variants", ":l_zeros", ":l_quantities"),
        with_values(stock["insert_movements"], ":l_variants", ":l_zeros", ":l_quantities", "'order placed'", "''", cart_id,
                    "NULL", "now()"),
        with_values(cart["end_carts"], f"ARRAY[{cart_id}]", "now()"),
        with_values(keys["store_answer"], scope, key, "201", "'application/json'", quoted(answer)),
        "COMMIT",
    ]
    pipeline = lambda statements: "\\startpipeline\n" + ";\n".join(statements) + ";\n\\endpipeline\n"  # noqa: E731
    return (number + pipeline(begin)
            + lines.format(lock_lines=with_values(order["lock_lines"], cart_id)) + "\n\\gset l_\n" + pipeline(write))
