#include "platform/net/transfer.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace nexus::net {

namespace {

// What may stand between '<' and '>' in MAIL FROM and RCPT TO without becoming another command.
bool is_bare_address(std::string_view text) {
  return !text.empty() && text.size() <= 320 && std::none_of(text.begin(), text.end(), [](char c) {
    return (c >= 0 && c <= ' ') || c == '<' || c == '>' || c == '\x7f';
  });
}

class mail_transfer final : public transfer {
public:
  mail_transfer(std::string url, mail_envelope mail, std::chrono::milliseconds timeout,
                std::function<void(mail_answer)> give)
      : transfer(steady::now() + timeout), url_(std::move(url)), mail_(std::move(mail)),
        give_(std::move(give)) {}

  CURL* begin(std::chrono::milliseconds remaining) override {
    if (!is_bare_address(mail_.from) || !is_bare_address(mail_.to)) {
      give_({mail_answer::outcome::refused, "not a mail address"});
      return nullptr;
    }
    easy_.reset(curl_easy_init());
    if (!easy_)
      throw std::bad_alloc();
    set_transport(remaining);
    set_mail();
    return easy_.get();
  }

  // What the server said to MAIL, RCPT, DATA or the message decides; what it said before (greeting, EHLO,
  // AUTH) says nothing of this mail, which can go once the operator has mended that.
  void end(CURLcode code) override {
    if (code == CURLE_OK)
      return give_({mail_answer::outcome::accepted, std::move(reply_)});
    const char first = in_transaction_ && answered_ && !reply_.empty() ? reply_.front() : '\0';
    const std::string why = error_[0] ? error_.data() : curl_easy_strerror(code);
    if (first == '5')
      give_({mail_answer::outcome::refused, std::move(reply_)});
    else if (first == '4')
      give_({mail_answer::outcome::deferred, std::move(reply_)});
    else if (handed_over_)
      give_({mail_answer::outcome::unknown, why});
    else
      give_({mail_answer::outcome::deferred, reply_.empty() || reply_.front() < '4' ? why : reply_});
  }

private:
  void set_transport(std::chrono::milliseconds remaining) {
    CURL* easy = easy_.get();
    check(curl_easy_setopt(easy, CURLOPT_PRIVATE, this));
    check(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data()));
    check(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
    check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
    check(curl_easy_setopt(easy, CURLOPT_PROXY, ""));
    check(curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"));
    check(curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY)));
    check(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
    check(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
    check(curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)));
    check(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(remaining.count())));
    check(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(remaining.count())));
    // A connection a mail: libcurl says QUIT and waits for its answer when it closes one, and a kept one
    // would be closed at the end of the program, with two minutes' patience.
    check(curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L));
    check(curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L));
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(remaining).count();
    check(curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(seconds)));
    // The one way to know which command a reply answers.
    check(curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L));
    check(curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &mail_transfer::on_debug));
    check(curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this));
    check(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &mail_transfer::on_reply));
    check(curl_easy_setopt(easy, CURLOPT_HEADERDATA, this));
  }

  void set_mail() {
    CURL* easy = easy_.get();
    check(curl_easy_setopt(easy, CURLOPT_URL, url_.c_str()));
    check(curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + mail_.from + ">").c_str()));
    append(recipients_, "<" + mail_.to + ">");
    check(curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients_.get()));
    check(curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L));
    check(curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail_.message.size())));
    check(curl_easy_setopt(easy, CURLOPT_READFUNCTION, &mail_transfer::on_read));
    check(curl_easy_setopt(easy, CURLOPT_READDATA, this));
  }

  static std::size_t on_read(char* out, std::size_t, std::size_t room, void* self) {
    auto* t = static_cast<mail_transfer*>(self);
    const std::size_t size = std::min(room, t->mail_.message.size() - t->read_);
    t->mail_.message.copy(out, size, t->read_);
    t->read_ += size;
    // The final dot may go out as soon as the last byte has been given away; before, nobody can accept the
    // mail.
    t->handed_over_ = t->read_ == t->mail_.message.size();
    return size;
  }

  static std::size_t on_reply(char* data, std::size_t, std::size_t size, void* self) {
    auto* t = static_cast<mail_transfer*>(self);
    if (t->leaving_)
      return size;
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
      line.remove_suffix(1);
    t->reply_ = line.substr(0, 1'000);
    t->answered_ = true;
    return size;
  }

  static int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) {
    auto* t = static_cast<mail_transfer*>(self);
    if (type == CURLINFO_HEADER_OUT) {
      const std::string_view command(data, size);
      t->leaving_ |= command.starts_with("QUIT");
      t->in_transaction_ |= command.starts_with("MAIL ");
      t->answered_ &= t->leaving_;
    }
    return 0;
  }

  std::string url_;
  mail_envelope mail_;
  std::function<void(mail_answer)> give_;
  string_list recipients_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::size_t read_ = 0;
  bool in_transaction_ = false; // MAIL has been said
  bool answered_ = false;       // reply_ answers the last thing we said
  bool leaving_ = false;        // QUIT has been said: what comes now is not about the mail
  bool handed_over_ = false;    // the whole message is on its way
  std::string reply_;           // the last line
  easy_handle easy_;            // last: it points to the others
};

} // namespace

std::unique_ptr<transfer> make_mail_transfer(std::string smtp_url, mail_envelope mail,
                                             std::chrono::milliseconds timeout,
                                             std::function<void(mail_answer)> give) {
  return std::make_unique<mail_transfer>(std::move(smtp_url), std::move(mail), timeout, std::move(give));
}

} // namespace nexus::net
