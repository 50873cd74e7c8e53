#include "simulated_chapa.hpp"

#include "eventually.hpp"

#include <boost/json/serialize.hpp>

namespace nexus::blackbox {

namespace {

constexpr const char* key = "CHASECK_TEST-blackbox";

json::value body_of(const reply& r) {
  if (r.status < 200 || r.status > 299)
    throw std::runtime_error("the simulator answered " + std::to_string(r.status) + " " + r.body);
  return r.body.empty() ? json::value() : r.json();
}

} // namespace

simulated_chapa::simulated_chapa(std::vector<std::string> arguments) {
  std::string made = (std::filesystem::temp_directory_path() / "nexus-chapa-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr)
    throw std::runtime_error("no temporary directory");
  folder_ = made;
  arguments.insert(arguments.begin(), {NEXUS_PROGRAM, "chapa-simulator", "--listen", "127.0.0.1:0"});
  const environment settings{{"CHAPA_BASE_URL", "http://127.0.0.1:9"}, // none: it is Chapa itself
                             {"CHAPA_SECRET_KEY", key},
                             {"CHAPA_WEBHOOK_SECRET", webhook_secret()}};
  process_ = std::make_unique<child>(
      child::command{std::move(arguments), settings, {}, folder_ / "out", folder_ / "err"});
  const std::string words = "Chapa is simulated at ";
  std::string said;
  eventually([&] {
    said = read_file(folder_ / "out");
    return said.find("Ctrl-C") != std::string::npos || process_->poll();
  });
  const auto at = said.find(words);
  if (at == std::string::npos)
    throw std::runtime_error("the simulator does not start: " + said + read_file(folder_ / "err"));
  const auto from = at + words.size();
  port_ = parse_local(said.substr(from, said.find('\n', from) - from)).port;
}

simulated_chapa::~simulated_chapa() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string simulated_chapa::webhook_secret() { return "blackbox-webhook-secret"; }

environment simulated_chapa::variables() const {
  return {{"CHAPA_BASE_URL", "http://127.0.0.1:" + std::to_string(port_) + "/v1"},
          {"CHAPA_SECRET_KEY", key},
          {"CHAPA_WEBHOOK_SECRET", webhook_secret()}};
}

void simulated_chapa::serve(const shop& s) {
  tell("settings", json::object{{"webhook_url", s.url() + "/api/v1/payment/webhook/chapa/"}});
}

void simulated_chapa::go_wrong(const json::array& faults) { tell("faults", faults); }

void simulated_chapa::go_right() { body_of(client(port_).del("/_control/faults")); }

void simulated_chapa::expect_all_struck() const {
  const json::value all = ask("faults");
  for (const json::value& each : all.at("faults").as_array())
    EXPECT_GT(number_at(each, "/struck"), 0) << json::serialize(each);
}

json::value simulated_chapa::ask(const std::string& what) const {
  return body_of(client(port_).get("/_control/" + what));
}

json::value simulated_chapa::tell(const std::string& what, const json::value& body) {
  return body_of(client(port_).post("/_control/" + what, body));
}

json::value simulated_chapa::transaction(const std::string& tx_ref) const {
  return ask("transactions/" + tx_ref);
}

std::vector<json::value> simulated_chapa::transactions_of(const std::string& email) const {
  std::vector<json::value> out;
  for (int page = 1;; ++page) {
    const json::value found = ask("transactions?page=" + std::to_string(page));
    if (found.at("transactions").as_array().empty())
      return out;
    for (const json::value& each : found.at("transactions").as_array())
      if (each.at("email") == json::value(email))
        out.push_back(each);
  }
}

std::int64_t simulated_chapa::calls(const std::string& moment) const {
  return number_at(ask("calls"), "/" + moment + "/calls");
}

} // namespace nexus::blackbox
