#include "shop.hpp"

namespace nexus::payments::testing {

using namespace std::chrono_literals;

awaitable<start_answer> fake_provider::start(start_request r) const {
  started.push_back(r);
  co_await sleep_for(20ms); // long enough for others to come in between
  if (meanwhile)
    co_await meanwhile();
  auto outcome = start_answer::outcome::started;
  if (!start_script.empty()) {
    outcome = start_script.front();
    start_script.pop_front();
  }
  start_answer out{.result = outcome, .reason = "as scripted", .message = "{}"};
  if (outcome == start_answer::outcome::started)
    out.payment_url = "https://checkout.test/" + r.tx_ref;
  co_return out;
}

awaitable<fetch_answer> fake_provider::fetch(std::string tx_ref) const {
  ++fetches;
  co_await sleep_for(5ms);
  if (meanwhile)
    co_await meanwhile();
  if (is_away)
    co_return fetch_answer{.reason = "away"};
  if (forgets)
    co_return fetch_answer{.result = fetch_answer::outcome::not_known, .message = "{}"};
  const auto told = says.find(tx_ref);
  co_return fetch_answer{.result = fetch_answer::outcome::told,
                         .charge = told == says.end() ? payments::charge{.state = charge_state::pending}
                                                      : told->second,
                         .message = "fetched " + std::to_string(fetches)};
}

awaitable<cancel_answer> fake_provider::cancel(std::string tx_ref) const {
  cancelled.push_back(std::move(tx_ref));
  co_await sleep_for(1ms);
  co_return cancel_answer{.closed = true, .message = "{}"};
}

awaitable<refund_answer> fake_provider::refund(refund_request r) const {
  refunds.push_back(r);
  co_await sleep_for(2ms);
  if (meanwhile)
    co_await meanwhile();
  auto outcome = refund_answer::outcome::initiated;
  if (!refund_script.empty()) {
    outcome = refund_script.front();
    refund_script.pop_front();
  }
  if (outcome == refund_answer::outcome::initiated ||
      (outcome == refund_answer::outcome::unknown && refund_acts))
    refund_says.emplace(r.reference, refund_state::initiated);
  co_return refund_answer{
      .result = outcome,
      .news = {refund_state::initiated, std::nullopt, "C-" + r.reference, "Refund Initiated"},
      .reason = "as scripted",
      .message = "{}"};
}

awaitable<refund_fetch_answer> fake_provider::fetch_refund(std::string reference,
                                                           std::optional<std::string>) const {
  co_await sleep_for(2ms);
  if (is_away)
    co_return refund_fetch_answer{.reason = "away"};
  const auto told = refund_says.find(reference);
  if (told == refund_says.end())
    co_return refund_fetch_answer{.result = fetch_answer::outcome::not_known, .message = "{}"};
  co_return refund_fetch_answer{.result = fetch_answer::outcome::told,
                                .news = {told->second, std::nullopt, "C-" + reference, "as told"},
                                .message = std::string(json::name_of(told->second))};
}

namespace {

// "Bearer user-7"
class plain_authenticator final : public api::authenticator {
public:
  [[nodiscard]] result<api::principal> authenticate(std::string_view token, time_point) const override {
    if (token == "staff")
      return api::principal{1, "staff@shop.test", {"*"}};
    return api::principal{std::stoll(std::string(token.substr(5))), {}, {}};
  }
};

// Statements must live as long as the connections that prepared them.
const db::statement& statement_of(const std::string& sql) {
  static std::map<std::string, std::pair<std::string, std::unique_ptr<db::statement>>> known;
  auto& found = known[sql];
  if (!found.second) {
    found.first = "test." + std::to_string(known.size());
    found.second = std::make_unique<db::statement>(found.first, known.find(sql)->first);
  }
  return *found.second;
}

} // namespace

void shop::open_routes() {
  settings.online = bank;
  settings.clock = &now;
  desk = make_till(settings);
  router_.emplace(routes(settings));
  authenticator_ = std::make_unique<plain_authenticator>();
  auto o = std::make_shared<api::dispatch_options>();
  o->router = &*router_;
  o->authenticator = authenticator_.get();
  o->clock = &now;
  o->public_url = "http://shop.test";
  handler_ = api::make_handler(std::move(o), *database);
}

awaitable<> shop::open_shop() {
  co_await database->run_script(R"(
    INSERT INTO user_account (email, password_hash, created_at) VALUES ('u1@x.et', '', now()), ('u2@x.et', '', now());
    INSERT INTO product (name, slug, base_price, price_min, price_max, currency, created_at, updated_at)
      VALUES ('Tea', 'tea', 20000, 20000, 20000, 'ETB', now(), now());
    INSERT INTO variant (product_id, sku, price, created_at) VALUES (1, 'TEA-1', 20000, now());
    INSERT INTO stock VALUES (1, 10, 0) ON CONFLICT (variant_id) DO UPDATE SET on_hand = 10;
    INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, created_at) VALUES (1, 10, 0, 'received', now());)");
  outbox.emplace(bell);
  settings.public_url = "http://shop.test";
  settings.webhook_secret = webhook_secret;
  settings.orders.outbox = &*outbox;
  open_routes();
}

awaitable<uuid> shop::place(int pieces, std::optional<std::int64_t> user) {
  const uuid id = new_uuid(now.now());
  const std::string row = to_string(id);
  const std::string at = to_rfc3339(now.now()), until = to_rfc3339(now.now() + 60min);
  co_await database->run_script(fmt::format(R"(
    INSERT INTO orders (id, number, user_id, email, currency, subtotal, total, shipping_address, placed_at, expires_at)
      VALUES ('{0}', 'NX{1}', {2}, 'a@b.et', 'ETB', {3}, {3}, '{{"full_name":"Abebe Bikila","phone_number":"0911121314"}}', '{4}', '{5}');
    INSERT INTO order_line VALUES ('{0}', 1, 1, 'TEA-1', 'Tea', '', {6}, 20000, {3});
    UPDATE stock SET reserved = reserved + {6} WHERE variant_id = 1;
    INSERT INTO stock_movement (variant_id, on_hand_change, reserved_change, reason, order_id, created_at)
      VALUES (1, 0, {6}, 'order_placed', '{0}', now());)",
                                            row, ++placed_, user ? std::to_string(*user) : "NULL",
                                            pieces * 20'000, at, until, pieces));
  co_return id;
}

awaitable<http::response> shop::call(http::method m, std::string target,
                                     std::vector<std::pair<std::string_view, std::string_view>> headers,
                                     std::string body) {
  http::request r;
  r.method = m;
  r.method_name = http::to_string(m);
  r.target = target;
  const auto mark = std::string_view(target).find('?');
  r.path = std::string_view(target).substr(0, mark);
  if (mark != std::string::npos)
    r.query = std::string_view(target).substr(mark + 1);
  r.headers = std::move(headers);
  r.body = body;
  r.peer = "127.0.0.1";
  co_return co_await handler_(r);
}

awaitable<http::response> shop::webhook(std::string body, std::optional<std::string> signature) {
  std::vector<std::pair<std::string_view, std::string_view>> headers{{"Content-Type", "application/json"}};
  if (signature)
    headers.emplace_back("x-chapa-signature", *signature);
  co_return co_await call(http::method::post, "/payment/webhook/chapa/", std::move(headers), std::move(body));
}

awaitable<std::string> shop::start_paying(uuid order) {
  const http::response answer = co_await initiate(order);
  EXPECT_EQ(answer.status, 200) << answer.body;
  co_return bank->started.empty() ? "" : bank->started.back().tx_ref;
}

awaitable<std::string> shop::buy(uuid order, std::string_view amount) {
  const std::string ref = co_await start_paying(order);
  bank->says[ref] = paid(ref, amount);
  EXPECT_EQ((co_await verify(ref)).status, 200);
  co_return ref;
}

awaitable<http::response> shop::ask_refund(std::string tx_ref, std::string body, std::string key) {
  std::vector<std::pair<std::string_view, std::string_view>> headers{{"Content-Type", "application/json"},
                                                                     {"Authorization", "Bearer staff"}};
  if (!key.empty())
    headers.emplace_back("Idempotency-Key", key);
  co_return co_await call(http::method::post, "/payment/" + tx_ref + "/refunds/", headers, std::move(body));
}

awaitable<> shop::carry_out() {
  const auto due = handlers(settings);
  const db::rows found = co_await database->use().run(
      statement_of("UPDATE task SET state = 'done', finished_at = now() WHERE state = 'available' "
                   "AND kind IN ('payment.refund', 'order.refund_due') RETURNING id, kind, payload"),
      {});
  for (const db::row row : found)
    for (const auto& h : due)
      if (h.kind == row.get<std::string_view>(1))
        EXPECT_EQ((co_await h.handle(database->use(), {.id = row.get<std::int64_t>(0),
                                                       .kind = row.get<std::string>(1),
                                                       .payload = row.get<std::string>(2),
                                                       .attempt = 1}))
                      .result,
                  tasks::outcome::kind::done);
}

awaitable<> shop::look_after() { return reconcile(database->use(), *desk, now); }

awaitable<std::string> shop::ask(std::string sql) {
  const db::rows found = co_await database->use().run(statement_of(sql), {});
  co_return found.empty() ? "" : found.front().get<std::optional<std::string>>(0).value_or("NULL");
}

awaitable<std::string> shop::state_of(uuid order) {
  return ask("SELECT status || ' ' || paid || ' ' || payment_status FROM orders WHERE id = '" +
             to_string(order) + "'");
}

awaitable<std::string> shop::audit() {
  std::string out;
  auto checks = consistency_checks();
  for (const auto& check : orders::consistency_checks())
    checks.push_back(check);
  for (const auto& check : checks) {
    const db::rows faults = co_await database->use().run(*check.violations, {});
    for (const db::row& fault : faults)
      out += std::string(check.invariant) + ": " + fault.get<std::string>(0) + "\n";
  }
  co_return out;
}

awaitable<std::vector<http::response>> together(std::vector<awaitable<http::response>> all) {
  const executor on = co_await boost::asio::this_coro::executor;
  struct gathered {
    std::vector<http::response> answers;
    std::size_t left;
    std::exception_ptr failure;
  };
  auto state =
      std::make_shared<gathered>(gathered{std::vector<http::response>(all.size()), all.size(), nullptr});
  const one_shot<bool> finished(on);
  for (std::size_t i = 0; i < all.size(); ++i)
    boost::asio::co_spawn(on, std::move(all[i]),
                          [state, finished, i](std::exception_ptr failure, http::response answer) {
                            state->answers[i] = std::move(answer);
                            if (failure)
                              state->failure = failure;
                            if (--state->left == 0)
                              finished.set(true);
                          });
  co_await finished.wait();
  if (state->failure)
    std::rethrow_exception(state->failure);
  co_return std::move(state->answers);
}

} // namespace nexus::payments::testing
