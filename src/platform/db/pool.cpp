#include "platform/db/pool.hpp"

#include "platform/async/run.hpp"
#include "platform/db/core.hpp"

#include <utility>

namespace nexus::db {

lease& lease::operator=(lease&& other) noexcept {
  if (this != &other) {
    end();
    from_ = std::move(other.from_);
    link_ = std::move(other.link_);
  }
  return *this;
}

void lease::end() {
  if (const auto from = std::exchange(from_, nullptr))
    from->transactions.give_back(std::exchange(link_, nullptr));
}

awaitable<lease> pool::acquire(core_ptr c) {
  auto& self = c->transactions;
  if (c->closed)
    throw unavailable("the database is closed");
  if (!self.idle_.empty()) {
    auto link = std::move(self.idle_.back());
    self.idle_.pop_back();
    co_return lease(c, std::move(link));
  }
  if (self.waiting_.size() >= c->opts.waiting_limit)
    throw unavailable("too many wait for a database connection");
  if (self.open_ + self.opening_ == 0 && steady::now() < self.not_before_)
    throw unavailable(self.reason_);
  const one_shot<grant> granted(c->on);
  self.waiting_.push_back({granted, steady::now() + c->opts.acquire_timeout});
  self.open_more();
  grant got = co_await granted.wait();
  if (!got.got)
    throw unavailable(got.reason);
  co_return std::move(got.got);
}

void pool::open_more() {
  const auto most = std::max(owner_->opts.transactions, 1);
  while (!owner_->closed && std::cmp_less(opening_, waiting_.size()) && open_ + opening_ < most &&
         steady::now() >= not_before_) {
    ++opening_;
    spawn(owner_->on, open_one(owner_->shared_from_this()));
  }
}

awaitable<> pool::open_one(core_ptr c) {
  auto link = std::make_shared<connection>(c->on);
  c->watch(link);
  std::string reason;
  try {
    co_await link->open(dial_of(c->opts), c->patience());
    reason = link->reason();
  } catch (const unavailable& away) {
    reason = away.what();
  }
  --c->transactions.opening_;
  if (c->closed)
    link->close("the database is closed");
  else if (link->is_open())
    c->transactions.opened(std::move(link));
  else
    c->transactions.failed_to_open(std::move(reason));
}

void pool::opened(std::shared_ptr<connection> link) {
  failures_ = 0;
  not_before_ = {};
  ++open_;
  link->on_lost = [weak = owner_->weak_from_this(), lost = link.get()] {
    if (const auto still = weak.lock())
      still->transactions.lose(lost);
  };
  hand_over(std::move(link));
}

void pool::failed_to_open(std::string reason) {
  reason_ = std::move(reason);
  not_before_ = steady::now() + backoff(failures_++);
  if (open_ + opening_ == 0) // with others open, there is hope for those who wait
    refuse_all(reason_);
}

void pool::lose(const connection* link) {
  --open_;
  std::erase_if(idle_, [&](const auto& idle) { return idle.get() == link; });
  open_more();
}

void pool::hand_over(std::shared_ptr<connection> link) {
  if (waiting_.empty()) {
    idle_.push_back(std::move(link));
    return;
  }
  const auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next.granted.set({lease(owner_->shared_from_this(), std::move(link)), {}});
}

void pool::give_back(std::shared_ptr<connection> link) {
  if (!owner_->closed && link->is_clean())
    return hand_over(std::move(link));
  link->close("the transaction was not ended");
  open_more();
}

void pool::refuse_all(const std::string& reason) {
  for (const auto& w : std::exchange(waiting_, {}))
    w.granted.set({lease(), reason});
}

void pool::tick(steady::time_point now) {
  for (; !waiting_.empty() && waiting_.front().until <= now; waiting_.pop_front())
    waiting_.front().granted.set({lease(), "no database connection came free in time"});
  open_more();
}

void pool::close() {
  refuse_all("the database is closed"); // core closes the connections
}

database::gauges pool::read_gauges() const {
  return {.open = open_,
          .busy = open_ - static_cast<int>(idle_.size()),
          .waiting = static_cast<int>(waiting_.size())};
}

} // namespace nexus::db
