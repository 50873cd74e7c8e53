// A connection of its own for scripts: the simple protocol, one thing at a time, no statement_timeout.
#pragma once

#include "platform/db/channel.hpp"

namespace nexus::db {

class script_connection final : public channel {
public:
  explicit script_connection(executor on) : channel(on) {}

  // Throws unavailable. Whoever has it closes it, or drops it.
  static awaitable<std::shared_ptr<script_connection>> open(database& db);

  // Both throw error (the first of the script) or unavailable.
  awaitable<> run(std::string script, std::string name = "script");
  awaitable<rows> query(const statement& s, params p);

private:
  std::optional<steady::time_point> deadline() const override { return until_; }
  awaitable<result_ptr> finish(std::string name);
  awaitable<> send_rest();

  std::optional<steady::time_point> until_;
};

} // namespace nexus::db
