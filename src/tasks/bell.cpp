#include "tasks/tasks.hpp"

#include <map>
#include <mutex>

namespace nexus::tasks {

// The actions run under the lock, so that none is under way once unsubscribe() has returned.
struct bell::impl {
  std::mutex guard;
  std::map<int, std::function<void()>> actions;
  int next = 1;
};

bell::bell() : impl_(std::make_unique<impl>()) {}
bell::~bell() = default;

void bell::ring() {
  const std::lock_guard lock(impl_->guard);
  for (const auto& [number, action] : impl_->actions)
    action();
}

int bell::subscribe(std::function<void()> action) {
  const std::lock_guard lock(impl_->guard);
  impl_->actions.emplace(impl_->next, std::move(action));
  return impl_->next++;
}

void bell::unsubscribe(int number) {
  const std::lock_guard lock(impl_->guard);
  impl_->actions.erase(number);
}

} // namespace nexus::tasks
