#include "shop_server.hpp"

#include "platform/crypto/crypto.hpp"
#include "platform/db/migrate.hpp"
#include "platform/embedded_postgres/embedded_postgres.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace nexus::testing {

namespace {

namespace fs = std::filesystem;
namespace bj = boost::json;

// The schema as the program has it.
awaitable<> apply_migrations(executor on, std::string dsn) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(NEXUS_MIGRATIONS))
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
  std::string dsn(const std::string& database) {
    if (!running_)
      start();
    if (made_.insert(database).second)
      make(database);
    return running_->dsn(database);
  }

private:
  void start() {
    std::string home = (fs::temp_directory_path() / "nexus-shop-test-XXXXXX").string();
    if (!::mkdtemp(home.data()))
      throw std::runtime_error("no temporary directory");
    home_ = home;
    fs::permissions(home_, fs::perms(0755)); // for the postgres user
    running_ = embedded_postgres::start(
        {.home = home_, .settings = {"fsync=off", "deadlock_timeout=50ms", "shared_buffers=32MB"}});
  }
  void make(const std::string& database) {
    boost::asio::io_context loop{1};
    run_to_end(loop, [&](executor on) -> awaitable<> {
      db::database db(on, {.dsn = running_->dsn()});
      co_await db.run_script("CREATE DATABASE " + database);
    });
    run_to_end(loop, [&](executor on) { return apply_migrations(on, running_->dsn(database)); });
  }
  void SetUp() override { crypto::initialize(); }
  void TearDown() override {
    running_ = nullptr;
    std::error_code ignored;
    fs::remove_all(home_, ignored);
  }

  fs::path home_ = "/nonexistent";
  std::unique_ptr<embedded_postgres> running_;
  std::set<std::string> made_;
};

auto* const environment =
    static_cast<cluster*>(::testing::AddGlobalTestEnvironment(std::make_unique<cluster>().release()));

const bj::value* find(const bj::value& in, std::string_view pointer) {
  boost::system::error_code failed;
  return in.find_pointer(pointer, failed);
}

std::string text_of(const bj::value& value) {
  if (const auto* text = value.if_string())
    return {text->data(), text->size()};
  return bj::serialize(value);
}

} // namespace

std::string shop_dsn(const std::string& database) { return environment->dsn(database); }

std::string answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

std::string answer::at(std::string_view pointer) const {
  const auto* value = find(body, pointer);
  return value ? text_of(*value) : "(none)";
}

std::int64_t answer::number(std::string_view pointer) const {
  const auto* value = find(body, pointer);
  return value && value->is_int64() ? value->get_int64() : -1;
}

std::string answer::faults() const {
  std::string out;
  if (const auto* errors = find(body, "/errors"); errors && errors->is_array())
    for (const auto& error : errors->get_array()) {
      if (!out.empty())
        out += ' ';
      out += text_of(error.at("pointer")) + " " + text_of(error.at("code"));
    }
  return out;
}

std::string answer::results(std::string_view field) const {
  std::string out;
  if (const auto* list = find(body, "/results"); list && list->is_array())
    for (const auto& item : list->get_array()) {
      if (!out.empty())
        out += ',';
      out += text_of(item.at(field));
    }
  return out;
}

int answer::statements() const {
  const std::string timing = header("Server-Timing");
  const auto at = timing.find("desc=\"");
  return at == std::string::npos ? -1 : std::stoi(timing.substr(at + 6));
}

struct shop_server::tokens final : api::authenticator {
  [[nodiscard]] result<api::principal> authenticate(std::string_view token, time_point) const override {
    std::istringstream words{std::string(token)};
    api::principal p{7, "staff@example.com", {}};
    for (std::string word; words >> word;)
      p.permissions.push_back(word);
    return p;
  }
};

shop_server::shop_server(db::database& db, std::vector<api::endpoint> endpoints, const nexus::clock& clock)
    : database(db), tokens_(std::make_shared<tokens>()), router_(std::move(endpoints)) {
  auto options = std::make_shared<api::dispatch_options>();
  options->router = &router_;
  options->authenticator = tokens_.get();
  options->clock = &clock;
  options->public_url = "http://shop.test";
  handle_ = api::make_handler(std::move(options), db);
}

awaitable<answer> shop_server::ask(call c) {
  http::request r;
  r.method_name = c.method;
  for (const auto m : {http::method::get, http::method::post, http::method::patch, http::method::delete_})
    if (http::to_string(m) == c.method)
      r.method = m;
  r.target = c.target;
  const auto mark = std::min(c.target.find('?'), c.target.size());
  r.path = std::string_view(c.target).substr(0, mark);
  r.query = std::string_view(c.target).substr(std::min(mark + 1, c.target.size()));
  r.body = c.body;
  const std::string bearer = "Bearer " + std::string(c.who);
  if (!c.who.empty())
    r.headers.emplace_back("Authorization", bearer);
  if (!c.body.empty())
    r.headers.emplace_back("Content-Type", "application/json");
  for (const auto& [name, value] : c.headers)
    r.headers.emplace_back(name, value);
  http::response response = co_await handle_(r);
  answer out{response.status, {}, std::move(response.body), std::move(response.headers)};
  if (!out.text.empty())
    out.body = bj::parse(out.text);
  co_return out;
}

awaitable<answer> shop_server::get(std::string target, std::string_view who) {
  return ask({"GET", std::move(target), {}, who});
}
awaitable<answer> shop_server::post(std::string target, std::string body, std::string_view who) {
  return ask({"POST", std::move(target), std::move(body), who});
}
awaitable<answer> shop_server::patch(std::string target, std::string body) {
  return ask({"PATCH", std::move(target), std::move(body)});
}
awaitable<answer> shop_server::del(std::string target) { return ask({"DELETE", std::move(target)}); }

std::string shop_test::database_name() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string("t_") + info->name();
  return name.substr(0, 63);
}

} // namespace nexus::testing
