#include "platform/net/transfer.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <string_view>

namespace nexus::net {

void append(string_list& list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list.get(), text.c_str());
  if (!longer)
    throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

void check(CURLcode code) {
  if (code != CURLE_OK)
    throw std::logic_error(std::string("libcurl: ") + curl_easy_strerror(code));
}

namespace {

constexpr std::size_t max_header_bytes = 128 * 1024; // of an answer; libcurl 7.88 itself bounds a line alone
constexpr std::size_t max_url_bytes = 64 * 1024;

bool is_token(std::string_view text) { // RFC 9110, 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// RFC 9110, 9.2.2: what may be sent again where a kept connection turns out to be dead.
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

class http_transfer final : public transfer {
public:
  http_transfer(http_request request, std::function<void(http_answer)> give)
      : transfer(steady::now() + request.timeout), request_(std::move(request)), give_(std::move(give)) {}

  CURL* begin(std::chrono::milliseconds remaining) override {
    if (const char* fault = fault_of_request()) {
      give_({.result = http_answer::outcome::not_sent, .failure = fault});
      return nullptr;
    }
    easy_.reset(curl_easy_init());
    if (!easy_)
      throw std::bad_alloc();
    set_transport(remaining);
    set_request();
    return easy_.get();
  }

  void end(CURLcode code) override {
    http_answer answer;
    long status = 0;
    if (easy_)
      curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
      answer.result = http_answer::outcome::answered;
      answer.status = static_cast<int>(status);
      answer.body = std::move(body_);
    } else {
      answer.result = may_have_arrived() ? http_answer::outcome::unknown : http_answer::outcome::not_sent;
      answer.failure = too_large_  ? "the answer is too large"
                       : error_[0] ? error_.data()
                                   : curl_easy_strerror(code);
    }
    give_(std::move(answer));
  }

private:
  [[nodiscard]] const char* fault_of_request() const {
    if (!is_token(request_.method))
      return "the method is not a token";
    if (request_.url.size() > max_url_bytes)
      return "the URL is too long";
    for (const auto& [name, value] : request_.headers)
      if (!is_token(name) || !is_field_value(value))
        return "a header has characters that no header can have";
    return nullptr;
  }

  void set_transport(std::chrono::milliseconds remaining) {
    CURL* easy = easy_.get();
    const auto connect = std::min(request_.connect_timeout, remaining);
    check(curl_easy_setopt(easy, CURLOPT_PRIVATE, this));
    check(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data()));
    check(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
    check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
    check(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
    check(curl_easy_setopt(easy, CURLOPT_PROXY, "")); // the environment's proxies are not ours
    check(curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"));
    check(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L));
    check(curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L));
    check(curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)));
    check(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)));
    check(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                           static_cast<long>(std::max<std::int64_t>(1, connect.count()))));
    check(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(remaining.count())));
    check(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &http_transfer::on_body));
    check(curl_easy_setopt(easy, CURLOPT_WRITEDATA, this));
    check(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &http_transfer::on_header));
    check(curl_easy_setopt(easy, CURLOPT_HEADERDATA, this));
    // libcurl sends a request again by itself where a kept connection dies before its answer. The server may
    // have acted on the first one, so what is not idempotent never goes out on a kept connection.
    if (!is_idempotent(request_.method))
      check(curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L));
  }

  void set_request() {
    CURL* easy = easy_.get();
    check(curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str()));
    check(curl_easy_setopt(easy, CURLOPT_USERAGENT, "nexus"));
    if (request_.method == "HEAD") {
      check(curl_easy_setopt(easy, CURLOPT_NOBODY, 1L));
    } else if (request_.method != "GET" || !request_.body.empty()) {
      check(
          curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size())));
      check(curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str()));
      check(curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str()));
    }
    bool has_content_type = false;
    for (const auto& [name, value] : request_.headers) {
      has_content_type |= equal_ignoring_case(name, "content-type");
      append(headers_, value.empty() ? name + ";" : name + ": " + value);
    }
    if (!has_content_type)
      append(headers_, "Content-Type:"); // libcurl would say that it is a form
    append(headers_, "Expect:");
    check(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get()));
  }

  // Bytes of the request's header that the kernel took: none means that nothing can have happened there.
  [[nodiscard]] bool may_have_arrived() const {
    long sent = 0;
    if (easy_)
      curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
    return sent > 0;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto* t = static_cast<http_transfer*>(self);
    if (size > t->request_.max_answer_bytes - t->body_.size()) {
      t->too_large_ = true;
      return 0;
    }
    t->body_.append(data, size);
    return size;
  }

  static std::size_t on_header(char*, std::size_t, std::size_t size, void* self) {
    auto* t = static_cast<http_transfer*>(self);
    t->header_bytes_ += size;
    if (t->header_bytes_ <= max_header_bytes)
      return size;
    t->too_large_ = true;
    return 0;
  }

  http_request request_;
  std::function<void(http_answer)> give_;
  string_list headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string body_;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  easy_handle easy_; // last: it points to the others
};

} // namespace

std::unique_ptr<transfer> make_http_transfer(http_request request, std::function<void(http_answer)> give) {
  return std::make_unique<http_transfer>(std::move(request), std::move(give));
}

} // namespace nexus::net
