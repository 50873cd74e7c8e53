#include "payments/circuit.hpp"

namespace nexus::payments {

bool circuit::admit(time now) {
  const std::lock_guard held(mutex_);
  if (!open_)
    return true;
  if (now < next_probe_)
    return false;
  next_probe_ = now + rules_.open_for; // this one is the probe
  return true;
}

void circuit::note(bool worked, time now) {
  const std::lock_guard held(mutex_);
  if (worked) {
    failures_ = 0;
    open_ = false;
    return;
  }
  if (!open_ && ++failures_ < rules_.failures)
    return;
  open_ = true;
  failures_ = 0;
  next_probe_ = now + rules_.open_for;
}

bool circuit::is_open() const {
  const std::lock_guard held(mutex_);
  return open_;
}

} // namespace nexus::payments
