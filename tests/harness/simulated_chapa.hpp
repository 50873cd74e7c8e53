// `nexus chapa-simulator` as a process of its own, which outlives the shop; what goes wrong is told to it
// over its control API (docs/chapa.md).
#pragma once

#include "child.hpp"
#include "shop.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nexus::blackbox {

class simulated_chapa {
public:
  explicit simulated_chapa(std::vector<std::string> arguments = {});
  ~simulated_chapa();
  simulated_chapa(const simulated_chapa&) = delete;
  simulated_chapa& operator=(const simulated_chapa&) = delete;

  // What a shop needs to use it.
  [[nodiscard]] environment variables() const;
  static std::string webhook_secret();
  // Webhooks go to this shop from now on.
  void serve(const shop& s);

  // Adds them: {{"at", "verify"}, {"fault", "drop"}} …
  void go_wrong(const json::array& faults);
  void go_right(); // takes them all back
  // A row whose fault never struck would prove nothing.
  void expect_all_struck() const;

  // As GET and POST /_control/… answer it; throws where it does not with 2xx.
  [[nodiscard]] json::value ask(const std::string& what) const;
  json::value tell(const std::string& what, const json::value& body);
  // "/status" and so on of one.
  [[nodiscard]] json::value transaction(const std::string& tx_ref) const;
  // All of that payer, newest first.
  [[nodiscard]] std::vector<json::value> transactions_of(const std::string& email) const;
  // By its kind: "verify", "initialize", …
  [[nodiscard]] std::int64_t calls(const std::string& moment) const;

private:
  std::filesystem::path folder_;
  std::unique_ptr<child> process_;
  std::uint16_t port_ = 0;
};

} // namespace nexus::blackbox
