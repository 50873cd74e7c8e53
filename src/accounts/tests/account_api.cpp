#include "account_api.hpp"

#include "platform/async/one_shot.hpp"
#include "platform/crypto/crypto.hpp"
#include "platform/db/migrate.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nexus::accounts::testing {

namespace {

const db::statement select_user_count{"test.select_user_count", "SELECT count(*) FROM user_account"};

// The schema as the program has it.
awaitable<> apply_migrations(executor on, std::string dsn) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(NEXUS_MIGRATIONS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> names, texts;
  for (const auto& file : files) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    names.push_back(file.filename().string());
    texts.push_back(text.str());
  }
  std::vector<db::migration> all;
  for (std::size_t i = 0; i < names.size(); ++i)
    all.push_back({names[i], texts[i]});
  db::database db(on, {.dsn = std::move(dsn)});
  co_await db::migrate(db, all, nullptr);
}

class cluster final : public ::testing::Environment {
public:
  const embedded_postgres& get() {
    if (!running_)
      start();
    return *running_;
  }

private:
  void start() {
    std::string home = (std::filesystem::temp_directory_path() / "nexus-accounts-test-XXXXXX").string();
    if (!::mkdtemp(home.data()))
      throw std::runtime_error("no temporary directory");
    home_ = home;
    std::filesystem::permissions(home_, std::filesystem::perms(0755)); // for the postgres user
    running_ = embedded_postgres::start(
        {.home = home_, .settings = {"fsync=off", "autovacuum=off", "shared_buffers=16MB"}});
    boost::asio::io_context loop{1};
    run_to_end(loop, [&](executor on) { return apply_migrations(on, running_->dsn()); });
  }
  void SetUp() override { crypto::initialize(); }
  void TearDown() override {
    running_ = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

  std::filesystem::path home_ = "/nonexistent";
  std::unique_ptr<embedded_postgres> running_;
};

auto* const environment =
    static_cast<cluster*>(::testing::AddGlobalTestEnvironment(std::make_unique<cluster>().release()));

std::string member(const boost::json::value& of, std::string_view name) {
  const auto* object = of.if_object();
  const auto* value = object ? object->if_contains({name.data(), name.size()}) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

} // namespace

std::string cluster_dsn() { return environment->get().dsn(); }

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
