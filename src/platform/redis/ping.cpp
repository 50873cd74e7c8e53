#include "platform/redis/ping.hpp"

#include <boost/url/parse.hpp>
#include <hiredis/hiredis.h>
#include <memory>

namespace nexus::redis {

namespace {

struct closing {
  void operator()(redisContext* c) const { redisFree(c); }
  void operator()(void* reply) const { freeReplyObject(reply); }
};
using reply = std::unique_ptr<redisReply, closing>;

bool is_error(const reply& r) { return !r || r->type == REDIS_REPLY_ERROR; }

} // namespace

std::optional<std::string> ping(const std::string& url, std::chrono::milliseconds timeout) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed)
    return "REDIS_URL is not a URL";
  const std::string host = parsed->host_address();
  const int port = parsed->has_port() ? parsed->port_number() : 6379;
  const auto ms = timeout.count();
  const timeval limit{static_cast<time_t>(ms / 1000), static_cast<suseconds_t>(ms % 1000 * 1000)};
  const std::unique_ptr<redisContext, closing> c(redisConnectWithTimeout(host.c_str(), port, limit));
  if (!c || c->err != 0)
    return "no connection to Redis at " + host + ":" + std::to_string(port);
  redisSetTimeout(c.get(), limit);
  if (const std::string password = parsed->password(); !password.empty()) {
    const std::string user = parsed->user().empty() ? "default" : parsed->user();
    const reply answer(
        static_cast<redisReply*>(redisCommand(c.get(), "AUTH %s %s", user.c_str(), password.c_str())));
    if (is_error(answer))
      return "Redis refused the password";
  }
  const reply answer(static_cast<redisReply*>(redisCommand(c.get(), "PING")));
  if (is_error(answer))
    return "Redis does not answer PING";
  return std::nullopt;
}

} // namespace nexus::redis
