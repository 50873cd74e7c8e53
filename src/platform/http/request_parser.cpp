#include "platform/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace nexus::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using error_code = beast::error_code;

constexpr std::size_t first_capacity = 4 * 1024;
constexpr std::size_t least_room = 1024;
constexpr std::size_t kept_capacity = 64 * 1024; // a connection that rests gives back what is above

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; });
}

bool has_bare_lf(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r')
      return true;
  return false;
}

// uri-host [":" port] of RFC 3986, loosely: nothing that another program might take for a path, a user or a
// list.
bool is_host(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~!$&'()*+;=:%[]").find(c) != std::string_view::npos;
  });
}

method to_method(beast::http::verb v) {
  switch (v) {
  case beast::http::verb::get:
    return method::get;
  case beast::http::verb::head:
    return method::head;
  case beast::http::verb::post:
    return method::post;
  case beast::http::verb::put:
    return method::put;
  case beast::http::verb::patch:
    return method::patch;
  case beast::http::verb::delete_:
    return method::delete_;
  case beast::http::verb::options:
    return method::options;
  default:
    return method::other;
  }
}

// Origin form, absolute form (RFC 9112, 3.2.2: a server has to take it) or, for OPTIONS, "*".
bool split_target(request& r) {
  std::string_view rest = r.target;
  if (!rest.starts_with('/')) {
    const auto scheme = rest.find("://");
    const bool known = scheme == 4 || scheme == 5; // http, https
    if (known &&
        (beast::iequals(rest.substr(0, scheme), "http") || beast::iequals(rest.substr(0, scheme), "https"))) {
      rest.remove_prefix(scheme + 3);
      const auto path = rest.find_first_of("/?");
      if (path == 0 || !is_host(rest.substr(0, path)))
        return false;
      rest.remove_prefix(std::min(path, rest.size()));
    } else if (rest != "*" || r.method != method::options) {
      return false;
    }
  }
  const auto mark = rest.find('?');
  r.path = rest.substr(0, mark);
  r.query = mark == std::string_view::npos ? rest.substr(rest.size()) : rest.substr(mark + 1);
  if (r.path.empty())
    r.path = "/";
  return true;
}

} // namespace

struct request_parser::impl {
  // Beast's grammar; what it recognises goes straight into the request, as views into the buffer.
  class grammar final : public beast::http::basic_parser<true> {
  public:
    explicit grammar(impl& o) : owner_(o) {
      header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(o.header_bytes, UINT32_MAX)));
      body_limit(boost::none); // ours, see below
    }

  private:
    void on_request_impl(beast::http::verb v, beast::string_view name, beast::string_view target, int http,
                         error_code& ec) override {
      owner_.started(v, name, target, http, ec);
    }
    void on_field_impl(field f, beast::string_view name, beast::string_view value, error_code& ec) override {
      if (!is_header_done()) // a trailer may say nothing that matters
        owner_.take_field(f, name, value, ec);
    }
    void on_header_impl(error_code& ec) override { owner_.header_ended(ec); }
    void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions, error_code& ec) override {
      owner_.chunk_started(size, extensions, ec);
    }
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
      owner_.chunks.append(bytes);
      return bytes.size();
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view bytes, error_code&) override { return bytes.size(); }
    void on_finish_impl(error_code&) override {}

    impl& owner_;
  };

  enum class stage { header, sized_body, chunked_body, complete };

  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;

  // The buffer: [begin, parsed) understood, [parsed, end) not yet.
  std::unique_ptr<char[]> data;
  std::size_t capacity = 0;
  std::size_t begin = 0;
  std::size_t parsed = 0;
  std::size_t end = 0;

  std::optional<grammar> wire;
  stage at = stage::header;
  request message;
  std::string chunks; // a chunked body, put together
  std::size_t content_length = 0;
  int version = 0;
  int hosts = 0;
  int lengths = 0;
  bool expects_continue = false;
  const error_kind* refusal = nullptr;

  std::string_view unread() const { return {data.get() + parsed, end - parsed}; }

  progress refuse(const error_kind& kind) {
    refusal = &kind;
    return progress::refused;
  }

  progress refuse(const error_code& ec) {
    if (ec == beast::http::error::header_limit)
      return refuse(errors::header_too_large);
    if (ec == beast::http::error::body_limit)
      return refuse(errors::payload_too_large);
    return refuse(errors::malformed_request);
  }

  void started(beast::http::verb v, std::string_view name, std::string_view target, int http,
               error_code& ec) {
    message.method = to_method(v);
    message.method_name = name;
    message.target = target;
    version = http;
    if (!split_target(message))
      ec = beast::http::error::bad_target;
  }

  // Beast joins a folded value (obs-fold) in a place of its own, or lets it begin on a later line; RFC
  // 9112, 5.2 has us refuse it.
  bool is_folded(std::string_view name, std::string_view value) const {
    const std::less<> before;
    if (before(value.data(), data.get()) || before(data.get() + end, value.data()))
      return true;
    const std::string_view gap(name.data() + name.size() + 1, value.data());
    return gap.find_first_not_of(" \t") != std::string_view::npos;
  }

  void take_field(field f, std::string_view name, std::string_view value, error_code& ec) {
    if (is_folded(name, value)) {
      ec = beast::http::error::bad_value;
      return;
    }
    if (f == field::host && (++hosts > 1 || !is_host(value)))
      ec = beast::http::error::bad_value;
    else if (f == field::content_length && (++lengths > 1 || value.find(',') != std::string_view::npos))
      ec = beast::http::error::multiple_content_length;
    else if (f == field::transfer_encoding && (version < 11 || !beast::iequals(value, "chunked")))
      ec = beast::http::error::bad_transfer_encoding; // RFC 9112, 6.1; nothing but chunked is offered here
    else if (f == field::expect && version >= 11 && beast::iequals(value, "100-continue"))
      expects_continue = true;
    if (!ec)
      message.headers.emplace_back(name, value);
  }

  void header_ended(error_code& ec) {
    if (version >= 11 && hosts != 1)
      ec = beast::http::error::bad_field; // RFC 9112, 3.2
  }

  void chunk_started(std::uint64_t size, std::string_view extensions, error_code& ec) {
    if (has_control(extensions))
      ec = beast::http::error::bad_chunk_extension;
    else if (size > body_bytes - chunks.size())
      ec = beast::http::error::body_limit;
  }

  progress parse_header() {
    if (parsed == begin) { // RFC 9112, 2.2: empty lines before a request are passed over
      while (unread().starts_with("\r\n"))
        begin = parsed += 2;
      if (unread().empty() || unread() == "\r")
        return progress::header_incomplete;
    }
    if (!wire)
      wire.emplace(*this);
    error_code ec;
    parsed += wire->put(boost::asio::const_buffer(data.get() + parsed, end - parsed), ec);
    // Beast's limit holds for what came at once; ours for the header as a whole.
    if (ec == beast::http::error::need_more) {
      if (has_bare_lf(unread())) // Beast would wait for an end that such a client has sent already
        return refuse(errors::malformed_request);
      return end - begin >= header_bytes ? refuse(errors::header_too_large) : progress::header_incomplete;
    }
    if (ec)
      return refuse(ec);
    if (parsed - begin > header_bytes)
      return refuse(errors::header_too_large);
    return begin_body();
  }

  progress begin_body() {
    if (wire->chunked()) {
      at = stage::chunked_body;
      return parse_chunks();
    }
    const std::uint64_t length = wire->content_length().value_or(0);
    if (length > body_bytes)
      return refuse(errors::payload_too_large);
    content_length = static_cast<std::size_t>(length);
    at = stage::sized_body;
    return parse_sized();
  }

  progress parse_sized() {
    if (end - parsed < content_length)
      return progress::body_incomplete;
    message.body = {data.get() + parsed, content_length};
    parsed += content_length;
    at = stage::complete;
    return progress::complete;
  }

  progress parse_chunks() {
    const std::size_t header_end = parsed;
    error_code ec;
    // Five bytes are the least that can end a chunked body; given fewer of them, Beast 1.81 asserts.
    while (!ec && !wire->is_done() && end - parsed >= 5)
      parsed += wire->put(boost::asio::const_buffer(data.get() + parsed, end - parsed), ec);
    if (ec && ec != beast::http::error::need_more)
      return refuse(ec);
    if (!wire->is_done()) {
      if (end - parsed > header_bytes) // a chunk's extensions, or trailers
        return refuse(errors::header_too_large);
      std::memmove(data.get() + header_end, data.get() + parsed,
                   end - parsed); // its bytes are in chunks by now
      end -= parsed - header_end;
      parsed = header_end;
      return progress::body_incomplete;
    }
    message.body = chunks;
    at = stage::complete;
    return progress::complete;
  }

  // The views follow the buffer to where it has gone.
  void move_views(const char* from, const char* to) {
    const auto move = [&](std::string_view& view) {
      if (view.data() >= from && view.data() <= from + (end - begin)) // not the "/" of an absolute form
        view = {to + (view.data() - from), view.size()};
    };
    move(message.method_name);
    move(message.target);
    move(message.path);
    move(message.query);
    for (auto& [name, value] : message.headers) {
      move(name);
      move(value);
    }
  }

  void make_room() {
    if (capacity - end >= least_room)
      return;
    const std::size_t held = end - begin;
    const char* from = data.get() + begin;
    if (begin >= capacity / 2 && capacity - held >= least_room) {
      move_views(from, data.get());
      std::memmove(data.get(), from, held);
    } else {
      const std::size_t larger = std::max(first_capacity, capacity * 2);
      auto bytes = std::make_unique_for_overwrite<char[]>(larger);
      if (held > 0)
        std::memcpy(bytes.get(), from, held);
      move_views(from, bytes.get());
      data = std::move(bytes);
      capacity = larger;
    }
    parsed -= begin;
    end = held;
    begin = 0;
  }

  void forget_request() {
    wire.reset();
    at = stage::header;
    message.method = method::other;
    message.method_name = message.target = message.path = message.query = message.body = {};
    message.headers.clear();
    if (chunks.capacity() > kept_capacity)
      chunks = {};
    chunks.clear();
    content_length = 0;
    version = hosts = lengths = 0;
    expects_continue = false;
    refusal = nullptr;
    while (
        unread().starts_with("\r\n")) // old clients send a line too many behind a body; it begins no request
      parsed += 2;
    begin = parsed;
    if (begin < end)
      return;
    begin = parsed = end = 0;
    if (capacity > kept_capacity) {
      data.reset();
      capacity = 0;
    }
  }
};

request_parser::request_parser(std::size_t header_bytes, std::size_t body_bytes, std::string peer)
    : impl_(std::make_unique<impl>()) {
  impl_->header_bytes = header_bytes;
  impl_->body_bytes = body_bytes;
  impl_->message.peer = std::move(peer);
}

request_parser::~request_parser() = default;

std::span<char> request_parser::room() {
  impl_->make_room();
  return {impl_->data.get() + impl_->end, impl_->capacity - impl_->end};
}

void request_parser::commit(std::size_t bytes) { impl_->end += bytes; }

request_parser::progress request_parser::parse() {
  switch (impl_->at) {
  case impl::stage::header:
    return impl_->parse_header();
  case impl::stage::sized_body:
    return impl_->parse_sized();
  case impl::stage::chunked_body:
    return impl_->parse_chunks();
  case impl::stage::complete:
    break;
  }
  return progress::complete;
}

const error_kind& request_parser::refusal() const {
  return impl_->refusal ? *impl_->refusal : errors::malformed_request;
}

bool request_parser::awaits_continue() const {
  return impl_->expects_continue && impl_->parsed == impl_->end && impl_->chunks.empty();
}

const request& request_parser::message() const { return impl_->message; }

bool request_parser::keep_alive() const { return impl_->wire && impl_->wire->keep_alive(); }

bool request_parser::has_input() const { return impl_->parsed < impl_->end; }

void request_parser::next() { impl_->forget_request(); }

void request_parser::discard() {
  impl_->parsed = impl_->end;
  impl_->forget_request();
}

} // namespace nexus::http
