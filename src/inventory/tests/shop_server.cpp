#include "shop_server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sstream>

namespace nexus::testing {

namespace {

namespace bj = boost::json;

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

} // namespace nexus::testing
