// A Chapa that says what a test has it say, and lies where the test wants that.
#pragma once

#include "http.hpp"

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <thread>

namespace nexus::blackbox {

class fake_chapa {
public:
  fake_chapa();
  ~fake_chapa(); // answers nobody any more
  fake_chapa(const fake_chapa&) = delete;
  fake_chapa& operator=(const fake_chapa&) = delete;

  [[nodiscard]] std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  // What verify says of a reference beside what was initialized: {{"status", "success"}}. Until then it says
  // pending.
  void say(const std::string& tx_ref, json::object data);
  // initialize answers this, or (0) with a payment page.
  void refuse_initialize(int status, std::string body);
  // initialize, or verify, is read and not answered until release().
  void hang(std::string call);
  void release();

  // How often a call came: "initialize", "verify", "cancel".
  [[nodiscard]] int calls(const std::string& call) const;
  // The body of the last initialize.
  [[nodiscard]] json::object last_initialize() const;

private:
  void serve(int fd);
  std::pair<int, std::string> answer(const std::string& method, const std::string& target,
                                     const std::string& body);

  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, json::object> initialized_, said_;
  std::map<std::string, int> calls_;
  json::object last_;
  int refusal_ = 0;
  std::string refusal_body_, hanging_;
  bool ended_ = false;
  std::list<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

} // namespace nexus::blackbox
