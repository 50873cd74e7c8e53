// Gathers what arrives on all loops into batches, one batch under way at a time. What comes while a batch is
// under way waits, in order of arrival, and goes together in the next: there is no timer, batches form by
// themselves, and their size follows the load.
#pragma once

#include "platform/async/awaitable.hpp"
#include "platform/async/one_shot.hpp"
#include "platform/async/run.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace nexus {

struct combiner_options {
  std::size_t batch_limit = 64;
  std::size_t queue_limit = 4'096;           // waiting; more are refused
  std::chrono::milliseconds patience{5'000}; // what waited longer is refused, and never begun
};

// work gets the items of a batch, in order of arrival, and answers one for each, in the same order. It runs
// on the combiner's loop and must not throw: what fails is an answer.
template <class Item, class Answer>
class combiner {
  using steady = std::chrono::steady_clock;

public:
  using work = std::function<awaitable<std::vector<Answer>>(std::vector<Item>)>;

  combiner(executor on, combiner_options o, work w) : state_(std::make_shared<state>(on, o, std::move(w))) {}

  // From any loop; the answer comes back on it. nullopt: refused, and nothing was done; the queue is full, or
  // this waited too long in it.
  awaitable<std::optional<Answer>> submit(Item item) {
    const auto keep = state_;
    const executor loop = co_await boost::asio::this_coro::executor;
    one_shot<std::optional<Answer>> answered(loop);
    if (!enqueue(keep, {std::move(item), loop, answered, steady::now() + keep->limits.patience}))
      co_return std::nullopt;
    co_return co_await answered.wait();
  }

  // How many wait; from any thread.
  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard lock(state_->guard);
    return state_->queue.size();
  }

private:
  struct entry {
    Item item;
    executor loop;
    one_shot<std::optional<Answer>> answered;
    steady::time_point until;
  };
  struct state {
    state(executor e, combiner_options o, work w) : on(e), limits(o), run(std::move(w)) {}
    const executor on;
    const combiner_options limits;
    const work run;
    std::mutex guard;
    std::deque<entry> queue;
    bool awake = false; // somebody takes from the queue, or is about to
  };

  static bool enqueue(const std::shared_ptr<state>& s, entry e) {
    bool wake = false;
    {
      const std::lock_guard lock(s->guard);
      if (s->queue.size() >= s->limits.queue_limit)
        return false;
      s->queue.push_back(std::move(e));
      wake = !std::exchange(s->awake, true);
    }
    if (wake)
      boost::asio::post(s->on, [s] { spawn(s->on, run_batches(s)); });
    return true;
  }

  static std::vector<entry> take(state& s) {
    std::vector<entry> batch;
    const std::lock_guard lock(s.guard);
    const std::size_t count = std::min(s.queue.size(), s.limits.batch_limit);
    batch.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      batch.push_back(std::move(s.queue.front()));
      s.queue.pop_front();
    }
    s.awake = count != 0;
    return batch;
  }

  static awaitable<> run_batches(std::shared_ptr<state> s) {
    for (auto batch = take(*s); !batch.empty(); batch = take(*s)) {
      const auto now = steady::now();
      std::vector<Item> items;
      items.reserve(batch.size());
      for (entry& e : batch)
        if (e.until > now)
          items.push_back(std::move(e.item));
      std::vector<Answer> given;
      if (!items.empty())
        given = co_await s->run(std::move(items));
      std::vector<letter> letters;
      letters.reserve(batch.size());
      auto next = given.begin();
      for (entry& e : batch)
        letters.push_back({e.loop, std::move(e.answered),
                           e.until > now ? std::optional<Answer>(std::move(*next++)) : std::nullopt});
      deliver(std::move(letters));
    }
  }

  struct letter {
    executor loop;
    one_shot<std::optional<Answer>> to;
    std::optional<Answer> answer;
  };

  // One post a loop, however many of the batch came from it.
  static void deliver(std::vector<letter> letters) {
    while (!letters.empty()) {
      const executor loop = letters.front().loop;
      const auto others =
          std::partition(letters.begin(), letters.end(), [&](const letter& l) { return l.loop == loop; });
      std::vector<letter> mine(std::make_move_iterator(letters.begin()), std::make_move_iterator(others));
      letters.erase(letters.begin(), others);
      boost::asio::post(loop, [mine = std::move(mine)]() mutable {
        for (letter& l : mine)
          l.to.set(std::move(l.answer));
      });
    }
  }

  std::shared_ptr<state> state_;
};

} // namespace nexus
