// A shop of one's own: `nexus serve` as a child process on a home of its own and a free port.
#pragma once

#include "child.hpp"
#include "eventually.hpp"
#include "http.hpp"

#include <memory>

namespace nexus::blackbox {

// A mail as it lies under NEXUS_HOME/mail: its header and its text part, decoded.
struct mail {
  std::string file, subject, to, text;
};

class shop {
public:
  struct finished {
    int code = -1;
    std::string output, errors;
  };

  // Makes the home; start() runs the server there.
  explicit shop(environment variables = {});
  ~shop();
  shop(const shop&) = delete;
  shop& operator=(const shop&) = delete;

  // Runs it and waits until it says that it is ready; throws with what it said where it ends or says nothing.
  void start();
  // For a start that must fail: runs `serve` to its end.
  finished try_to_start();
  void begin_to_start();                          // without waiting
  void begin(std::vector<std::string> arguments); // another command in the server's stead: {"worker"}
  void kill_hard();                               // SIGKILL, and waits
  void signal(int number);                        // from any thread
  void tell_to_stop();                            // SIGTERM
  std::optional<int> wait_for_end(std::chrono::milliseconds at_most = std::chrono::seconds{40});
  void set(const std::string& variable, const std::string& value) { variables_[variable] = value; }

  // Another command of the program on the same home, to its end.
  finished run(std::vector<std::string> arguments, const std::string& input = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::filesystem::path& home() const { return home_; }
  [[nodiscard]] std::string log() const; // standard error so far
  [[nodiscard]] std::string output() const;
  [[nodiscard]] int resident_kb() const; // of the server's own process

  // Of the embedded cluster, while it runs: for a second node's DATABASE_URL; and its postmaster.
  [[nodiscard]] std::string database_url() const;
  [[nodiscard]] int postmaster() const;

  [[nodiscard]] client guest() const { return client(port_); }
  client staff();                        // signed in, with all permissions
  client user(const std::string& email); // registered where need be, and signed in
  static const std::string& password();  // of all of them

  [[nodiscard]] std::vector<mail> mails() const;
  // Those whose subject names the order, and of these the receipts.
  [[nodiscard]] std::vector<mail> mails_about(const std::string& order_number) const;
  [[nodiscard]] std::vector<mail> receipts(const std::string& order_number) const;

  // `nexus audit` finds nothing. Every suite ends with it.
  void expect_audit_clean();

private:
  std::vector<std::string> command_line(std::vector<std::string> arguments) const;
  [[nodiscard]] environment all_variables() const;

  environment variables_;
  std::filesystem::path home_;
  std::filesystem::path out_, err_; // of the server
  std::unique_ptr<child> server_;
  std::uint16_t port_ = 0;
  int runs_ = 0;
  std::map<std::string, std::string> tokens_; // by address
};

// The fixture of a suite with one shop, started with the suite and audited at its end. Suite is the derived
// class: its variables() may say how the shop is configured.
template <class Suite>
class shop_suite : public ::testing::Test {
public:
  static void SetUpTestSuite() {
    the_shop = std::make_unique<shop>(Suite::variables());
    the_shop->start();
  }
  static void TearDownTestSuite() {
    if (the_shop) {
      the_shop->expect_audit_clean();
      the_shop->tell_to_stop();
      EXPECT_EQ(the_shop->wait_for_end(), 0) << the_shop->log();
    }
    the_shop.reset();
  }
  static environment variables() { return {}; }

protected:
  static shop& here() { return *the_shop; }
  inline static std::unique_ptr<shop> the_shop;
};

} // namespace nexus::blackbox
