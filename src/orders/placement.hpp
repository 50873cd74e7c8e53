// Orders of all loops are placed together: those that come while a placement is under way wait in the node's
// queue and go into the next transaction. Row locks in PostgreSQL guard the stock, so several nodes are
// correct together; a node takes them once for up to 64 orders.
#pragma once

#include "orders/orders.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/async/combiner.hpp"

#include <memory>
#include <string>
#include <variant>

namespace nexus::orders {

struct placement_request {
  std::optional<api::idempotency::key> key;
  std::optional<std::int64_t> user_id; // whose order it will be; none: a guest's
  uuid cart_id{};
  std::string email;
  std::string shipping_address; // an Address, as JSON
  std::string note;
  std::optional<decimal> expected_total; // else total_changed
  std::string country;                   // of the address
  std::optional<std::int64_t> shipping_method_id;
  std::vector<std::string> codes; // of promotions
};

struct placed {
  uuid id{};                               // nil in a replay
  std::shared_ptr<const std::string> body; // the order, as JSON
  bool is_replay = false;                  // what the Idempotency-Key had got before
};

struct placement_answer {
  std::variant<placed, problem, std::exception_ptr> outcome;
  db::usage used; // by the whole batch
};

class placement {
public:
  // on: the loop of the database, whose connections nobody else uses.
  placement(executor on, db::database& db, const nexus::clock& clock, settings s, placement_observer observe);

  // From any loop. Throws what the database threw; service_unavailable where too many wait.
  awaitable<result<placed>> place(api::context& c, placement_request in);
  [[nodiscard]] std::size_t waiting() const { return queue_.waiting(); }

private:
  combiner<placement_request, placement_answer> queue_;
};

} // namespace nexus::orders
