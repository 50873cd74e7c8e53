#include "core/clock.hpp"

#include <fmt/format.h>

namespace nexus {

using namespace std::chrono;

time_point system_clock::now() const {
  return time_point_cast<microseconds>(std::chrono::system_clock::now());
}

void append_rfc3339(std::string& out, time_point at) {
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                 time.seconds().count());
  if (time.subseconds().count() != 0)
    fmt::format_to(std::back_inserter(out), ".{:06}", time.subseconds().count());
  out += 'Z';
}

std::string to_rfc3339(time_point at) {
  std::string text;
  append_rfc3339(text, at);
  return text;
}

namespace {

// Reads fixed-width numbers and single characters off the front; any miss makes it fail for good.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count)
      return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9')
        return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos)
      return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) {
    if (!take(any_of))
      fail();
  }
  int fail() {
    ok_ = false;
    return 0;
  }
  [[nodiscard]] char taken() const { return taken_; }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }

private:
  std::string_view rest_;
  char taken_ = 0;
  bool ok_ = true;
};

} // namespace

std::optional<time_point> parse_rfc3339(std::string_view text) {
  reader in(text);
  const int y = in.digits(4);
  in.expect("-");
  const int mo = in.digits(2);
  in.expect("-");
  const int d = in.digits(2);
  in.expect("Tt ");
  const int h = in.digits(2);
  in.expect(":");
  const int mi = in.digits(2);
  in.expect(":");
  const int s = in.digits(2);
  int micros = 0;
  if (in.take(".")) {
    if (!in.at_digit())
      in.fail();
    for (int scale = 100'000; in.at_digit(); scale /= 10)
      micros += in.digits(1) * scale;
  }
  minutes offset{0};
  if (!in.take("Zz")) {
    in.expect("+-");
    const int sign = in.taken() == '-' ? -1 : 1;
    const int oh = in.digits(2);
    in.expect(":");
    const int om = in.digits(2);
    if (oh > 23 || om > 59)
      in.fail();
    offset = sign * (hours{oh} + minutes{om});
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!in.done() || !date.ok() || h > 23 || mi > 59 || s > 59)
    return std::nullopt;
  const auto at =
      time_point{sys_days{date}} + hours{h} + minutes{mi} + seconds{s} + microseconds{micros} - offset;
  if (at < sys_days{year{1} / January / 1} || at >= sys_days{year{10'000} / January / 1})
    return std::nullopt;
  return at;
}

} // namespace nexus
