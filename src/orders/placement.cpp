#include "orders/placement.hpp"

#include "orders/place_batch.hpp"
#include "platform/log/log.hpp"

namespace nexus::orders {

namespace {

using batch = std::vector<placement_request>;
using answers = std::vector<placement_answer>;
using steady = std::chrono::steady_clock;

constexpr int attempts = 3;

// What a placement needs beside its orders.
struct counter {
  db::database& db;
  const nexus::clock& clock;
  const settings shop;
  const placement_observer observe;
};

answers all_failed(std::size_t count, const std::exception_ptr& why) {
  answers out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back({why, {}});
  return out;
}

// Whether orders placed one by one may fare better: the statements failed, and not the connection.
bool is_of_the_orders(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const db::unavailable&) {
    return false;
  } catch (const db::in_doubt&) {
    return false; // never tried again blindly
  } catch (...) {
    return true;
  }
}

bool is_retryable(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const db::error& e) {
    return e.retryable();
  } catch (...) {
    return false;
  }
}

// In one transaction: all answers, or what it failed with.
awaitable<std::variant<answers, std::exception_ptr>> try_together(const counter& c, const batch& orders) {
  db::usage used;
  std::exception_ptr failure;
  try {
    db::transaction tx = co_await c.db.use(&used).begin();
    answers out;
    try {
      out = co_await place_batch(tx, c.shop, orders, c.clock.now());
    } catch (...) {
      failure = std::current_exception();
    }
    co_await tx.rollback(); // nothing, where it was committed
    for (placement_answer& answer : out)
      answer.used = used;
    if (!failure)
      co_return out;
  } catch (...) {
    failure = std::current_exception();
  }
  co_return failure;
}

awaitable<std::variant<answers, std::exception_ptr>> place_together(const counter& c, const batch& orders) {
  for (int attempt = 1;; ++attempt) {
    auto tried = co_await try_together(c, orders);
    const auto* failure = std::get_if<std::exception_ptr>(&tried);
    if (failure == nullptr || !is_retryable(*failure) || attempt == attempts)
      co_return tried;
    co_await db::pause_before_attempt(attempt);
  }
}

// One after the other, so that one bad order harms no other.
awaitable<answers> place_one_by_one(const counter& c, batch orders) {
  log::warn("a batch of orders failed; they are placed one by one", {{"orders", orders.size()}});
  answers out;
  for (placement_request& order : orders) {
    batch one;
    one.push_back(std::move(order));
    auto placed = co_await place_together(c, one);
    if (auto* failure = std::get_if<std::exception_ptr>(&placed))
      out.push_back({*failure, {}});
    else
      out.push_back(std::move(std::get<answers>(placed).front()));
  }
  co_return out;
}

awaitable<answers> place_all(std::shared_ptr<const counter> c, batch orders) {
  const auto begun = steady::now();
  const std::size_t count = orders.size();
  auto tried = co_await place_together(*c, orders);
  answers out;
  if (auto* together = std::get_if<answers>(&tried))
    out = std::move(*together);
  else if (const auto& failure = std::get<std::exception_ptr>(tried); count > 1 && is_of_the_orders(failure))
    out = co_await place_one_by_one(*c, std::move(orders));
  else
    out = all_failed(count, failure);
  if (c->observe)
    c->observe(count, std::chrono::duration<double>(steady::now() - begun).count());
  co_return out;
}

} // namespace

placement::placement(executor on, db::database& db, const nexus::clock& clock, settings s,
                     placement_observer observe)
    : queue_(on, {},
             [c = std::make_shared<const counter>(counter{db, clock, std::move(s), std::move(observe)})](
                 batch orders) { return place_all(c, std::move(orders)); }) {}

awaitable<result<placed>> placement::place(api::context& c, placement_request in) {
  auto answer = co_await queue_.submit(std::move(in));
  if (!answer) {
    problem busy(errors::service_unavailable, "More orders come in than can be placed; nothing was changed.");
    busy.retry_after_s = 1;
    co_return busy;
  }
  c.db.count(answer->used);
  if (auto* failure = std::get_if<std::exception_ptr>(&answer->outcome))
    std::rethrow_exception(*failure);
  if (auto* refused = std::get_if<problem>(&answer->outcome))
    co_return std::move(*refused);
  co_return std::move(std::get<placed>(answer->outcome));
}

std::shared_ptr<placement> make_placement(executor on, db::database& db, const nexus::clock& clock,
                                          settings s, placement_observer observe) {
  return std::make_shared<placement>(on, db, clock, std::move(s), std::move(observe));
}

std::size_t waiting(const placement& queue) { return queue.waiting(); }

} // namespace nexus::orders
