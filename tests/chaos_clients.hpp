// The eight clients of the chaos test: what they do, and what they remember of every answer.
#pragma once

#include "harness/fake_chapa.hpp"
#include "harness/shopping.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <random>

namespace nexus::blackbox::chaos {

struct piece {
  std::int64_t variant = 0;
  int quantity = 0;
};

// What the client was told of its order last; it must be so in the end.
enum class told { nothing, placed, cancelled, paid, paid_too_late, expired };

struct order_record {
  std::string key, email;
  json::object body; // as it was sent
  std::vector<piece> wants;
  std::string answer, id, number; // empty: nobody answered, it may exist or not
  told last = told::nothing;
  bool is_doubtful = false; // a cancellation or payment was sent and never answered
};

// A refusal is true where there really was no more at some moment between these two.
struct refusal {
  std::int64_t variant = 0, requested = 0, available = 0;
  moment sent_at, answered_at;
};

struct movement_record {
  std::int64_t variant = 0;
  int quantity = 0;
  std::string key; // its note too
  json::object body;
  std::string answer; // empty: nobody answered
};

struct memory {
  std::vector<order_record> orders;
  std::vector<refusal> refusals;
  std::vector<movement_record> movements;
  int lost = 0;        // requests without an answer
  int unavailable = 0; // 503
};

// What all clients share.
struct battlefield {
  std::array<std::atomic<std::uint16_t>, 2> ports; // of the nodes
  std::vector<std::int64_t> variants;
  std::string staff_token;
  fake_chapa* chapa = nullptr;
  std::atomic<bool> is_over = false; // no new errands; what is under way may be finished
};

// One client until the battle is over. seed: everything it chooses follows from it.
memory shop_until_the_end(battlefield& field, std::uint64_t seed);

moment now();

} // namespace nexus::blackbox::chaos
