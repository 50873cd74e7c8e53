#include "shop.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <sstream>

namespace nexus::blackbox {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view ready_words = "Nexus is ready at ";

// RFC 2045 §6.7
std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=' || i + 2 >= text.size()) {
      out += text[i];
      continue;
    }
    const std::string_view code = text.substr(i + 1, 2);
    int byte = 0;
    if (code != "\r\n" && std::from_chars(code.data(), code.data() + 2, byte, 16).ptr == code.data() + 2)
      out += static_cast<char>(byte);
    i += 2; // an escape, or a line that goes on
  }
  return out;
}

std::string header_of(std::string_view message, std::string_view name) {
  const auto at = message.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos)
    return {};
  const auto from = at + name.size() + 4;
  return std::string(message.substr(from, message.find("\r\n", from) - from));
}

mail parse_mail(const std::filesystem::path& file) {
  const std::string message = "\r\n" + read_file(file);
  mail out{file.filename().string(), header_of(message, "Subject"), header_of(message, "To"), {}};
  const auto part = message.find("Content-Type: text/plain");
  const auto body = message.find("\r\n\r\n", part);
  if (message.find("\r\nContent-Transfer-Encoding: quoted-printable\r\n", part) < body &&
      body != std::string::npos)
    out.text =
        decode_quoted_printable(std::string_view(message).substr(body, message.find("\r\n--", body) - body));
  return out;
}

} // namespace

shop::shop(environment variables) : variables_(std::move(variables)) {
  std::string made = (std::filesystem::temp_directory_path() / "nexus-blackbox-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr)
    throw std::runtime_error("no temporary directory");
  home_ = made;
  std::filesystem::permissions(home_, std::filesystem::perms(0755)); // the postgres user must enter it
  out_ = home_ / "serve.out";
  err_ = home_ / "serve.err";
}

shop::~shop() {
  if (server_) { // gently where it can be, so that its database ends with it
    server_->signal(SIGTERM);
    server_->wait(30s);
  }
  server_.reset();
  eventually([this] { // a killed server's database may be tidying up there at the same time
    std::error_code failed;
    std::filesystem::remove_all(home_, failed);
    return !failed && !std::filesystem::exists(home_, failed);
  });
}

environment shop::all_variables() const {
  environment out{{"NEXUS_HOME", home_.string()}, {"NEXUS_LISTEN", "127.0.0.1:0"}};
  for (const auto& [name, value] : variables_)
    out[name] = value;
  return out;
}

std::vector<std::string> shop::command_line(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), NEXUS_PROGRAM);
  return arguments;
}

void shop::begin_to_start() { begin({"serve"}); }

void shop::begin(std::vector<std::string> arguments) {
  std::error_code ignored;
  std::filesystem::remove(out_, ignored);
  server_ = std::make_unique<child>(
      child::command{command_line(std::move(arguments)), all_variables(), {}, out_, err_});
}

void shop::start() {
  begin_to_start();
  std::string said;
  eventually(
      [&] {
        said = output();
        const auto at = said.find(ready_words);
        return (at != std::string::npos && said.find('\n', at) != std::string::npos) || server_->poll();
      },
      90s);
  const auto at = said.find(ready_words);
  if (at == std::string::npos)
    throw std::runtime_error("nexus serve is not ready; it said: " + said + "\n" + log());
  const auto from = at + ready_words.size();
  port_ = parse_local(said.substr(from, said.find('\n', from) - from)).port;
}

shop::finished shop::try_to_start() {
  begin_to_start();
  const auto code = server_->wait(60s);
  return {code.value_or(-1), output(), log()};
}

void shop::kill_hard() {
  server_->signal(SIGKILL);
  server_->wait(30s);
  server_.reset();
}

void shop::signal(int number) { server_->signal(number); }
void shop::tell_to_stop() { signal(SIGTERM); }

std::optional<int> shop::wait_for_end(std::chrono::milliseconds at_most) { return server_->wait(at_most); }

shop::finished shop::run(std::vector<std::string> arguments, const std::string& input) {
  const auto name = home_ / ("run" + std::to_string(++runs_));
  const std::filesystem::path out = name.string() + ".out", err = name.string() + ".err";
  child c({command_line(std::move(arguments)), all_variables(), input, out, err});
  const auto code = c.wait(2min);
  return {code.value_or(-1), read_file(out), read_file(err)};
}

std::string shop::log() const { return read_file(err_); }
std::string shop::output() const { return read_file(out_); }

int shop::resident_kb() const {
  constexpr std::string_view name = "VmRSS:";
  const std::string status = read_file("/proc/" + std::to_string(server_->pid()) + "/status");
  return std::stoi(status.substr(status.find(name) + name.size()));
}

namespace {

// postmaster.pid: the process, the directory, the start, the port, the socket's directory, a line each.
std::vector<std::string> postmaster_file(const std::filesystem::path& home) {
  std::istringstream in(read_file(home / "postgres" / "postmaster.pid"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  if (lines.size() < 5)
    throw std::runtime_error("the embedded PostgreSQL does not run");
  return lines;
}

} // namespace

std::string shop::database_url() const {
  const auto lines = postmaster_file(home_);
  return "host=" + lines[4] + " port=" + lines[3] + " user=nexus dbname=nexus";
}

int shop::postmaster() const { return std::stoi(postmaster_file(home_).front()); }

const std::string& shop::password() {
  static const std::string it = "correct horse battery";
  return it;
}

client shop::staff() {
  const std::string email = "staff@example.com";
  if (!tokens_.contains(email)) {
    const finished made = run({"createsuperuser", "--email", email, "--password-stdin"}, password() + "\n");
    if (made.code != 0)
      throw std::runtime_error("createsuperuser: " + made.output + made.errors);
    tokens_[email] =
        text_at(guest().post("auth/jwt/create/", {{"email", email}, {"password", password()}}), "/access");
  }
  return client(port_, tokens_[email]);
}

client shop::user(const std::string& email) {
  if (!tokens_.contains(email)) {
    client c = guest();
    const reply made = c.post(
        "auth/users/",
        {{"email", email}, {"password", password()}, {"first_name", "Abebe"}, {"last_name", "Bikila"}});
    if (made.status != 201 && made.status != 422) // 422: they are there already
      throw std::runtime_error("register: " + made.body);
    tokens_[email] =
        text_at(c.post("auth/jwt/create/", {{"email", email}, {"password", password()}}), "/access");
  }
  return client(port_, tokens_[email]);
}

std::vector<mail> shop::mails() const {
  std::vector<mail> out;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(home_ / "mail", none))
    if (entry.path().extension() == ".eml")
      out.push_back(parse_mail(entry.path()));
  return out;
}

std::vector<mail> shop::receipts(const std::string& order_number) const {
  std::vector<mail> out = mails_about(order_number);
  std::erase_if(out, [](const mail& m) { return !m.file.starts_with("receipt-"); });
  return out;
}

std::vector<mail> shop::mails_about(const std::string& order_number) const {
  std::vector<mail> out = mails();
  std::erase_if(out, [&](const mail& m) { return m.subject.find(order_number) == std::string::npos; });
  return out;
}

void shop::expect_audit_clean() {
  const finished audit = run({"audit"});
  EXPECT_EQ(audit.code, 0) << audit.output << audit.errors;
  EXPECT_EQ(audit.output.find("BROKEN"), std::string::npos) << audit.output;
}

} // namespace nexus::blackbox
