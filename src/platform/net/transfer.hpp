// One libcurl transfer and what is told to whoever waits for it. Private to this folder.
//
// Lives on the loop's thread from begin() to end(); made on the caller's.
#pragma once

#include "platform/net/http_client.hpp"

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>

namespace nexus::net {

using steady = std::chrono::steady_clock;

struct easy_deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using easy_handle = std::unique_ptr<CURL, easy_deleter>;

struct slist_deleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using string_list = std::unique_ptr<curl_slist, slist_deleter>;

// Throws std::bad_alloc.
void append(string_list& list, const std::string& text);

// Throws std::logic_error where libcurl does not know the option: a mistake of ours.
void check(CURLcode code);

class transfer {
public:
  explicit transfer(steady::time_point until) : deadline(until) {}
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;
  virtual ~transfer() = default;

  // The handle to run; null where the request cannot be made at all (the answer is given then).
  virtual CURL* begin(std::chrono::milliseconds remaining) = 0;
  // How it ended; gives the answer, once. Also for what never began.
  virtual void end(CURLcode code) = 0;

  const steady::time_point deadline; // of the whole, the wait for a free place included
};

std::unique_ptr<transfer> make_http_transfer(http_request request, std::function<void(http_answer)> give);
std::unique_ptr<transfer> make_mail_transfer(std::string smtp_url, mail_envelope mail,
                                             std::chrono::milliseconds timeout,
                                             std::function<void(mail_answer)> give);

} // namespace nexus::net
