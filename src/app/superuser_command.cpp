// nexus createsuperuser
#include "accounts/accounts.hpp"
#include "app/commands.hpp"
#include "app/with_database.hpp"
#include "core/text.hpp"

#include <cstdio>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace nexus::app {

namespace {

// A line from standard input, without showing it where that is a terminal.
std::optional<std::string> read_secret(const char* prompt) {
  termios before{};
  const bool terminal = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    fmt::print(stderr, "{}", prompt);
  }
  std::string line;
  const bool got = static_cast<bool>(std::getline(std::cin, line));
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fmt::print(stderr, "\n");
  }
  if (!got)
    return std::nullopt;
  if (line.ends_with('\r'))
    line.pop_back();
  return line;
}

std::optional<std::string> ask_password(const superuser_options& o) {
  if (o.password_from_stdin)
    return read_secret("");
  if (isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr, "There is no terminal to ask for the password: pipe it in with --password-stdin.\n");
    return std::nullopt;
  }
  const auto first = read_secret("Password: ");
  const auto second = read_secret("Password, again: ");
  if (first && second && *first == *second)
    return first;
  fmt::print(stderr, "The two are not the same.\n");
  return std::nullopt;
}

} // namespace

int create_superuser(const config& c, const superuser_options& o) {
  std::string email = o.email;
  if (email.empty() && isatty(STDIN_FILENO) != 0) {
    fmt::print(stderr, "E-mail: ");
    std::getline(std::cin, email);
    email = trim(email);
  }
  const auto password = ask_password(o);
  if (!password)
    return 2;
  const auto made = with_database(c, [&](db::database& database) {
    return accounts::create_superuser(database.use(), email, *password, system_clock{}.now());
  });
  if (!made) {
    fmt::print(stderr, "{}\n", made.error().detail);
    for (const field_error& fault : made.error().errors)
      fmt::print(stderr, "  {}: {}\n", fault.pointer.substr(1), fault.detail);
    return 2;
  }
  fmt::print("{} has all permissions, and this password, now.\n", email);
  return 0;
}

} // namespace nexus::app
