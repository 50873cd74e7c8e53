#include "account_api.hpp"

#include "platform/async/one_shot.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace nexus::accounts::testing {

namespace {

const db::statement select_user_count{"test.select_user_count", "SELECT count(*) FROM user_account"};

std::string member(const boost::json::value& of, std::string_view name) {
  const auto* object = of.if_object();
  const auto* value = object ? object->if_contains({name.data(), name.size()}) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

} // namespace

std::string answer::text(std::string_view name) const { return member(body, name); }

std::string answer::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name)
      return value;
  return {};
}

std::vector<std::string> answer::faults() const {
  std::vector<std::string> out;
  const auto* errors = body.is_object() ? body.get_object().if_contains("errors") : nullptr;
  if (errors)
    for (const auto& each : errors->as_array())
      out.push_back(member(each, "pointer") + ' ' + member(each, "code"));
  return out;
}

awaitable<answer> account_api::call(http::method method, std::string path, std::string body,
                                    std::string access, headers more) {
  if (!access.empty())
    more.emplace_back("Authorization", "Bearer " + access);
  if (!body.empty())
    more.emplace_back("Content-Type", "application/json");
  http::request r;
  r.method = method;
  r.method_name = http::to_string(method);
  r.target = r.path = path;
  r.body = body;
  for (const auto& [name, value] : more)
    r.headers.emplace_back(name, value);
  http::response made = co_await handle(r);
  answer out{made.status, {}, std::move(made.headers)};
  if (!made.body.empty())
    out.body = boost::json::parse(made.body);
  co_return out;
}

awaitable<answer> account_api::register_user(std::string email, std::string password, headers more) {
  return post("/auth/users/",
              boost::json::serialize(boost::json::object{{"email", email},
                                                         {"password", password},
                                                         {"first_name", "Abebe"},
                                                         {"last_name", "Bikila"},
                                                         {"phone_number", "+251900123456"}}),
              {}, std::move(more));
}

awaitable<answer> account_api::sign_in(std::string email, std::string password) {
  return post("/auth/jwt/create/",
              boost::json::serialize(boost::json::object{{"email", email}, {"password", password}}));
}

awaitable<answer> account_api::refresh(std::string token) {
  return post("/auth/jwt/refresh/", boost::json::serialize(boost::json::object{{"refresh", token}}));
}

awaitable<bool> account_api::is_alive(std::string refresh_token) {
  const answer verified = co_await post(
      "/auth/jwt/verify/", boost::json::serialize(boost::json::object{{"token", refresh_token}}));
  co_return verified.status == 200;
}

awaitable<std::int64_t> account_api::count_users() {
  const db::rows found = co_await database->use().query(select_user_count);
  co_return found.front().get<std::int64_t>(0);
}

awaitable<std::pair<answer, answer>> side_by_side(awaitable<answer> one, awaitable<answer> two) {
  const executor on = co_await boost::asio::this_coro::executor;
  const one_shot<answer> first(on), second(on);
  const auto into = [](one_shot<answer> done) {
    return [done](std::exception_ptr failure, answer a) {
      if (failure)
        std::rethrow_exception(failure);
      done.set(std::move(a));
    };
  };
  boost::asio::co_spawn(on, std::move(one), into(first));
  boost::asio::co_spawn(on, std::move(two), into(second));
  answer a = co_await first.wait();
  answer b = co_await second.wait();
  co_return std::pair(std::move(a), std::move(b));
}

} // namespace nexus::accounts::testing
