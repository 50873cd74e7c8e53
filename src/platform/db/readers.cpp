#include "platform/db/readers.hpp"

#include "platform/async/run.hpp"
#include "platform/db/core.hpp"
#include "platform/log/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

namespace nexus::db {

std::chrono::milliseconds backoff(int failures) {
  static thread_local std::minstd_rand dice{std::random_device{}()};
  const int longest = std::min(3'000, 100 << std::clamp(failures, 0, 5));
  return std::chrono::milliseconds(std::uniform_int_distribution(longest / 2, longest)(dice));
}

readers::readers(core& owner, int count) : owner_(&owner) {
  for (int i = 0; i < std::max(count, 1); ++i)
    slots_.emplace_back(owner.on);
}

awaitable<> readers::open(core_ptr c, std::size_t number) {
  auto link = std::make_shared<connection>(c->on);
  c->watch(link);
  co_await link->open(dial_of(c->opts), c->patience());
  if (!link->is_open())
    throw unavailable(link->reason());
  link->on_lost = [weak = std::weak_ptr(c), number] {
    if (const auto still = weak.lock())
      still->shared.lose(number);
  };
  c->shared.slots_[number].link = std::move(link);
}

awaitable<> readers::open_all(core_ptr c) {
  for (std::size_t i = 0; i < c->shared.slots_.size(); ++i)
    if (!c->shared.slots_[i].link)
      co_await open(c, i);
}

std::shared_ptr<connection> readers::pick() {
  const slot* best = nullptr;
  for (const auto& s : slots_)
    if (s.link && (!best || s.link->in_flight() < best->link->in_flight()))
      best = &s;
  if (!best)
    throw unavailable(reason_);
  return best->link;
}

void readers::lose(std::size_t number) {
  reason_ = slots_[number].link->reason();
  slots_[number].link = nullptr;
  if (owner_->closed)
    return;
  log::warn("database connection lost", {{"reason", reason_}});
  spawn(owner_->on, reopen(owner_->shared_from_this(), number));
}

awaitable<> readers::reopen(core_ptr c, std::size_t number) {
  auto& mine = c->shared;
  for (int failures = 0; !c->closed; ++failures) {
    boost::system::error_code cancelled;
    auto& pause = mine.slots_[number].pause;
    pause.expires_after(backoff(failures));
    co_await pause.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<executor>{}, cancelled));
    if (c->closed)
      co_return;
    try {
      co_await open(c, number);
      log::info("database connection open again", {{"attempts", failures + 1}});
      co_return;
    } catch (const unavailable& away) {
      mine.reason_ = away.what();
      log::warn("database cannot be reached", {{"reason", mine.reason_}});
    }
  }
}

void readers::close() {
  reason_ = "the database is closed";
  for (auto& s : slots_)
    s.pause.cancel();
}

} // namespace nexus::db
