#include "notifications/deliver.hpp"

#include "core/ids.hpp"
#include "platform/log/log.hpp"

#include <fstream>

namespace nexus::notifications {

namespace {

using namespace std::chrono_literals;

// Readers see the whole file or none: it is written under another name and moved.
void write_file(const std::filesystem::path& directory, const std::string& name, const std::string& bytes) {
  using std::filesystem::perms;
  if (std::filesystem::create_directories(directory)) // mails name people
    std::filesystem::permissions(directory, perms::owner_all);
  const std::filesystem::path unfinished = directory / ("." + name + "." + random_code(8) + ".tmp");
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code failed;
  if (out)
    std::filesystem::rename(unfinished, directory / name, failed);
  if (!out || failed) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    throw std::runtime_error("a mail could not be written to " + directory.string());
  }
}

} // namespace

awaitable<tasks::outcome> deliver(const settings& s, std::string to, std::string message,
                                  std::string file_name) {
  if (!s.smtp_url) {
    write_file(s.mail_directory, file_name, message);
    co_return tasks::outcome::done();
  }
  const auto answer =
      co_await s.client->send_mail(*s.smtp_url, {s.mail_from, std::move(to), std::move(message)}, 60s);
  switch (answer.result) {
  case net::mail_answer::outcome::accepted:
    co_return tasks::outcome::done();
  case net::mail_answer::outcome::refused:
    log::warn("a mail was refused", {{"reply", answer.reply}});
    co_return tasks::outcome::give_up("refused: " + answer.reply);
  case net::mail_answer::outcome::deferred:
    co_return tasks::outcome::retry("not accepted yet: " + answer.reply);
  case net::mail_answer::outcome::unknown: // the same Message-ID lets a mailbox see that it is the same mail
    co_return tasks::outcome::retry("lost after it was sent: " + answer.reply);
  }
  co_return tasks::outcome::retry("no outcome");
}

} // namespace nexus::notifications
