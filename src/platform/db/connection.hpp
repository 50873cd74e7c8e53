// One connection in libpq's pipeline mode. Statements go into a segment; sync() ends it and sends it. An
// error skips the rest of its segment, and outside a transaction it undoes the segment: a segment is one
// implicit transaction (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html).
#pragma once

#include "platform/async/one_shot.hpp"
#include "platform/db/channel.hpp"

#include <deque>
#include <functional>
#include <vector>

namespace nexus::db {

enum class outcome {
  done,    // result is there
  failed,  // failure is there
  aborted, // did not run, because one before it in its segment failed
  lost,    // the connection went away; channel::reason() tells why
};

// A statement (or a word of the protocol: BEGIN, COMMIT, ROLLBACK) on its way.
struct request {
  request(executor on, const statement& s, params p) : what(&s), values(std::move(p)), answered(on) {}
  request(executor on, const char* protocol_word) : word(protocol_word), answered(on) {}

  const statement* what = nullptr;
  const char* word = nullptr;
  params values;
  // Its answer is held back until the segment has ended: only then is it committed, and the connection at
  // rest.
  bool until_sync = false;
  // Trusts no preparation that is under way for another request, and so learns its own error.
  bool prepare_anew = false;

  one_shot<outcome> answered;
  result_ptr result;
  std::optional<error> failure;
  bool stale_plan =
      false; // failed because what the connection had prepared is not valid any more; it is now forgotten
};
using request_ptr = std::shared_ptr<request>;

class connection final : public channel {
public:
  explicit connection(executor on) : channel(on) {}

  // patience: how long after its sync a segment may take; then the connection is closed.
  awaitable<> open(dial how, std::chrono::milliseconds patience);

  void
  submit(request_ptr r); // into the segment that is open; answered with lost where the connection is gone
  void sync();           // nothing where no segment is open
  void sync_soon();      // when what is ready on the loop now has run: one sync for all of them

  [[nodiscard]] std::size_t in_flight() const { return flight_.size(); }
  // Open, and nothing on its way, and in no transaction.
  [[nodiscard]] bool is_clean() const;

  std::function<void()> on_lost; // once

private:
  struct entry {
    enum class kind : std::uint8_t { prepare, execute, sync } is;
    request_ptr of;
    std::uint16_t generation = 0; // of the plan
  };
  // What this connection knows of a statement. A plan that is stale keeps its name in the server: the next
  // has another.
  struct plan {
    bool prepared = false;
    std::uint16_t generation = 0;
  };

  std::optional<steady::time_point> deadline() const override;
  void on_close() override;
  void await_input();
  void await_output();
  void flush();
  void drain();
  void take(result_ptr r);
  void take_failure(entry& front, const pg_result* r);
  void forget(const entry& e);
  void end_front();
  void end_segment();
  bool send_prepare(const request_ptr& r);
  bool send_execute(const request_ptr& r);
  plan& plan_of(const statement& s);
  static void finish(const request_ptr& r, outcome o) { r->answered.set(o); }
  static void finish_as_found(const request_ptr& r);

  std::chrono::milliseconds patience_{};
  std::vector<plan> plans_;             // by statement::id()
  std::deque<entry> flight_;            // in the order of the answers
  std::deque<steady::time_point> sent_; // one for each sync in flight_
  std::vector<request_ptr> held_;       // answered, but until_sync
  std::vector<const char*> values_;     // kept for its memory
  std::size_t segment_ = 0;             // statements in the open segment
  bool sync_posted_ = false;
  bool writing_ = false;
  int ends_of_sync_ = 0;
};

} // namespace nexus::db
