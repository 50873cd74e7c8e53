#include "platform/async/one_shot.hpp"
#include "platform/net/transfer.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <unordered_map>

namespace nexus::net {

namespace {

// One thread that runs up to so many transfers at once; the others wait for a place, in order.
class transfer_loop {
public:
  transfer_loop(std::size_t at_once, long kept_connections) : at_once_(at_once), multi_(curl_multi_init()) {
    if (!multi_)
      throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections);
    thread_ = std::thread([this] { run(); });
  }

  ~transfer_loop() {
    stopping_ = true;
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
  }

  transfer_loop(const transfer_loop&) = delete;
  transfer_loop& operator=(const transfer_loop&) = delete;

  void push(std::unique_ptr<transfer> t) {
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back(std::move(t));
    }
    curl_multi_wakeup(multi_);
  }

private:
  void run() {
    while (!stopping_) {
      take_arrived();
      begin_waiting();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (end_finished() && !waiting_.empty())
        continue; // there is a free place
      curl_multi_poll(multi_, nullptr, 0, poll_timeout_ms(), nullptr);
    }
    end_all();
  }

  void take_arrived() {
    const std::lock_guard lock(mutex_);
    for (; !arrived_.empty(); arrived_.pop_front())
      waiting_.push_back(std::move(arrived_.front()));
  }

  void begin_waiting() {
    const auto now = steady::now();
    std::erase_if(waiting_, [now](const auto& t) {
      if (t->deadline > now)
        return false;
      t->end(CURLE_OPERATION_TIMEDOUT);
      return true;
    });
    for (; running_.size() < at_once_ && !waiting_.empty(); waiting_.pop_front())
      begin(std::move(waiting_.front()), now);
  }

  void begin(std::unique_ptr<transfer> t, steady::time_point now) {
    CURL* easy = t->begin(std::chrono::ceil<std::chrono::milliseconds>(t->deadline - now));
    if (!easy)
      return;
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK)
      throw std::logic_error("curl_multi_add_handle");
    running_.emplace(easy, std::move(t));
  }

  bool end_finished() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const CURLcode code = message->data.result; // the message ends with its handle
      const auto node = running_.extract(message->easy_handle);
      curl_multi_remove_handle(multi_, node.key());
      node.mapped()->end(code);
      any = true;
    }
    return any;
  }

  [[nodiscard]] int poll_timeout_ms() const {
    std::chrono::milliseconds pause(60'000); // libcurl itself wakes earlier for its own timers
    const auto now = steady::now();
    for (const auto& t : waiting_)
      pause = std::min(pause, std::chrono::ceil<std::chrono::milliseconds>(t->deadline - now));
    return static_cast<int>(std::max<std::int64_t>(0, pause.count()));
  }

  void end_all() {
    for (auto& [easy, t] : running_) {
      curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // a name that is being looked up is not waited for
      curl_multi_remove_handle(multi_, easy);
      t->end(CURLE_ABORTED_BY_CALLBACK);
    }
    running_.clear();
    take_arrived();
    for (auto& t : waiting_)
      t->end(CURLE_ABORTED_BY_CALLBACK);
    waiting_.clear();
  }

  const std::size_t at_once_;
  CURLM* multi_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::deque<std::unique_ptr<transfer>> arrived_; // under the mutex; the rest is the thread's
  std::deque<std::unique_ptr<transfer>> waiting_;
  std::unordered_map<CURL*, std::unique_ptr<transfer>> running_;
  std::thread thread_;
};

// Not thread-safe in every build of libcurl, so once and before any loop.
void initialize_libcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK)
    throw std::runtime_error("libcurl cannot start");
}

// Hands the answer to the loop that waits for it.
template <class Answer>
std::function<void(Answer)> giver(executor loop, one_shot<Answer> done) {
  return [loop, done = std::move(done)](Answer answer) mutable {
    boost::asio::post(loop, [done = std::move(done), answer = std::move(answer)]() mutable {
      done.set(std::move(answer));
    });
  };
}

} // namespace

struct client::impl {
  transfer_loop http{256, 64};
  transfer_loop mail{8, 1}; // its own: libcurl waits for the answer to QUIT on the thread
};

client::client() {
  initialize_libcurl();
  impl_ = std::make_unique<impl>();
}

client::~client() = default;

awaitable<http_answer> client::call(http_request request) {
  const executor loop = co_await boost::asio::this_coro::executor;
  one_shot<http_answer> done(loop);
  impl_->http.push(make_http_transfer(std::move(request), giver(loop, done)));
  co_return co_await done.wait();
}

awaitable<mail_answer> client::send_mail(std::string smtp_url, mail_envelope mail,
                                         std::chrono::milliseconds timeout) {
  const executor loop = co_await boost::asio::this_coro::executor;
  one_shot<mail_answer> done(loop);
  impl_->mail.push(make_mail_transfer(std::move(smtp_url), std::move(mail), timeout, giver(loop, done)));
  co_return co_await done.wait();
}

} // namespace nexus::net
